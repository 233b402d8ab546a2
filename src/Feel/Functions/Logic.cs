using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>Functions of truth values and of sameness.</summary>
internal static class Logic
{
    public static readonly BuiltIn[] Functions =
    [
        new("not", ["negand"], "The opposite of true or false; anything else gives null.", "not(true)", "false", (in Arguments a)
            => a[0] is FeelBoolean truth ? FeelValue.From(!truth.Value) : FeelValue.Null),
        new("is", ["value1, value2"], "Whether two values are the same in kind, value and zone.", "is(@\"2026-11-22\", @\"2026-11-22\")", "true", (in Arguments a)
            => FeelValue.From(a[0].Equals(a[1]))),
        new("all", ["list", "list..."], "Whether no member is false and every one is true.", "all([true, false])", "false", (in Arguments a) => Quantify(a, deciding: false)),
        new("any", ["list", "list..."], "Whether some member is true.", "any([true, false])", "true", (in Arguments a) => Quantify(a, deciding: true)),
    ];

    private static FeelValue Quantify(in Arguments a, bool deciding)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list");
        var known = true;
        foreach (var item in list.Items)
        {
            a.Run.Step();
            if (item is FeelBoolean truth && truth.Value == deciding)
                return FeelValue.From(deciding);
            known &= item is FeelBoolean;
        }
        return known ? FeelValue.From(!deciding) : a.Fail("a member is neither true nor false.");
    }
}
