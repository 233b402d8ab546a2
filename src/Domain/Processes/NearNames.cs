namespace Countersign.Domain.Processes;

/// <summary>
/// Finds the name that an author probably meant: one letter wrong, missing, doubled or swapped with its neighbour, or another case. Short names are too near to each other to tell.
/// Two names so near are equal, or become equal when each loses at most one letter; so every name is filed under itself and under what it is without each of its letters, and a process
/// with thousands of names is looked through once instead of for each.
/// </summary>
internal sealed class NearNames
{
    private const int Shortest = 4;

    /// <summary>Fingerprints, not texts: a name of 255 letters would otherwise be kept 256 times. What a fingerprint finds is compared letter by letter.</summary>
    private readonly Dictionary<ulong, List<string>> _filed = [];
    private readonly Dictionary<string, string> _withoutCase = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string?> _asked = new(StringComparer.Ordinal);

    public NearNames(IEnumerable<string> names)
    {
        foreach (var name in names.Where(n => n.Length >= Shortest).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            _withoutCase.TryAdd(name, name);
            foreach (var print in Fingerprints(name).Distinct())
                (_filed.TryGetValue(print, out var filed) ? filed : _filed[print] = []).Add(name);
        }
    }

    /// <summary>The first of the names near this one, in the order of their letters; null when there is none.</summary>
    public string? Of(string name)
    {
        if (name.Length < Shortest)
            return null;
        if (!_asked.TryGetValue(name, out var near))
            _asked[name] = near = Find(name);
        return near;
    }

    private string? Find(string name)
    {
        var first = _withoutCase.GetValueOrDefault(name);
        foreach (var print in Fingerprints(name))
        {
            // Filed in order, so the first that fits is the first of all.
            var fits = _filed.GetValueOrDefault(print)?.Find(k => IsNear(name, k));
            if (fits is not null && (first is null || string.CompareOrdinal(fits, first) < 0))
                first = fits;
        }

        return first;
    }

    /// <summary>Of the name, and of the name without each of its letters.</summary>
    private static IEnumerable<ulong> Fingerprints(string name)
    {
        // A polynomial in an odd number, modulo 2^64: what stands before the missing letter is moved by what stands behind it.
        const ulong Base = 0x9E3779B97F4A7C15;
        var before = new ulong[name.Length + 1];
        for (var i = 0; i < name.Length; i++)
            before[i + 1] = (before[i] * Base) + name[i] + 1;
        yield return before[^1];
        ulong behind = 0, power = 1;
        for (var i = name.Length - 1; i >= 0; i--)
        {
            yield return (before[i] * power) + behind;
            behind += (ulong)(name[i] + 1) * power;
            power *= Base;
        }
    }

    private static bool IsNear(string left, string right)
    {
        // Items beside item is a list beside its member, not a slip.
        if (Math.Abs(left.Length - right.Length) > 1 || left == right + "s" || right == left + "s")
            return false;
        var start = 0;
        while (start < left.Length && start < right.Length && left[start] == right[start])
            start++;
        var end = 0;
        while (end < left.Length - start && end < right.Length - start && left[^(end + 1)] == right[^(end + 1)])
            end++;
        var (a, b) = (left.Length - start - end, right.Length - start - end);
        return (a <= 1 && b <= 1) || (a == 2 && b == 2 && left[start] == right[start + 1] && left[start + 1] == right[start]);
    }
}
