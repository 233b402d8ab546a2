using System.Collections.Frozen;

namespace Countersign.Feel.Functions;

/// <summary>All functions of the language, by name.</summary>
internal static class BuiltIns
{
    private static readonly FrozenDictionary<string, BuiltIn> Table = Build();

    /// <summary>All functions, by name.</summary>
    public static IReadOnlyCollection<BuiltIn> All => Table.Values;

    /// <summary>The names that are several words.</summary>
    public static IReadOnlyList<string> SpacedNames { get; } = [.. Table.Keys.Where(n => n.Contains(' ', StringComparison.Ordinal))];

    public static BuiltIn? Find(string name) => Table.TryGetValue(name, out var function) ? function : null;

    private static FrozenDictionary<string, BuiltIn> Build()
    {
        IEnumerable<BuiltIn> all =
        [
            .. Conversions.Functions, .. Logic.Functions, .. Texts.Functions, .. Lists.Functions, .. ListSums.Functions, .. Numbers.Functions,
            .. Contexts.Functions, .. Calendar.Functions, .. Ranges.Functions,
        ];
        return all.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);
    }
}
