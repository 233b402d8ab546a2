using System.Collections.Frozen;
using Countersign.Feel.Functions;
using Countersign.Feel.Types;

namespace Countersign.Feel.Checks;

/// <summary>What built-in functions give, where it does not depend on the arguments. A test holds each against its function's example.</summary>
internal static class FunctionResults
{
    private static readonly FrozenDictionary<string, FeelType> Table = Build();

    /// <summary>The type of all results; Unknown when it depends on the arguments.</summary>
    public static FeelType Of(BuiltIn function) => Table.GetValueOrDefault(function.Name, FeelType.Unknown);

    private static FrozenDictionary<string, FeelType> Build()
    {
        (FeelType Type, string[] Names)[] rows =
        [
            (FeelType.Number,
            [
                "day of year", "week of year", "count", "string length", "modulo", "sqrt", "log", "exp", "decimal", "floor", "ceiling",
                "round up", "round down", "round half up", "round half down", "number", "product", "median", "stddev",
            ]),
            (FeelType.String, ["day of week", "month of year", "string", "substring", "upper case", "lower case", "substring before", "substring after", "replace", "string join"]),
            (FeelType.Boolean,
            [
                "list contains", "not", "is", "all", "any", "odd", "even", "contains", "starts with", "ends with", "matches", "before", "after", "meets", "met by",
                "overlaps", "overlaps before", "overlaps after", "finishes", "finished by", "includes", "during", "starts", "started by", "coincides",
            ]),
            (FeelType.Date, ["date", "today"]),
            (FeelType.Time, ["time"]),
            (FeelType.DateTime, ["date and time", "now"]),
            (FeelType.MonthsDuration, ["years and months duration"]),
            (new ListType(FeelType.Number), ["index of", "mode"]),
            (new ListType(FeelType.String), ["split"]),
            (new ListType(FeelType.Unknown),
                ["append", "concatenate", "insert before", "remove", "list replace", "reverse", "union", "distinct values", "flatten", "sort", "sublist", "get entries"]),
            (FeelType.AnyContext, ["context", "context put", "context merge"]),
            (new RangeType(FeelType.Unknown), ["range"]),
        ];
        return rows.SelectMany(row => row.Names.Select(name => (name, row.Type))).ToFrozenDictionary(p => p.name, p => p.Type, StringComparer.Ordinal);
    }
}
