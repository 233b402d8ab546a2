using System.Text;

namespace Countersign.Api.Http;

/// <summary>RFC 6901 pointers into a request's body.</summary>
internal static class JsonPointer
{
    /// <summary>Longer ones are cut: a name of the caller's own making is not sent back at length.</summary>
    private const int Longest = 200;

    /// <summary>The pointer of a place that the JSON reader names as a path (<c>$.rows[3]['a b']</c>).</summary>
    public static string OfPath(string? path)
    {
        var pointer = new StringBuilder();
        var rest = path.AsSpan(path is ['$', ..] ? 1 : 0);
        while (rest.Length > 0 && pointer.Length < Longest)
        {
            var part = Next(ref rest);
            pointer.Append('/').Append(part.ToString().Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        }

        // Not between the halves of a surrogate pair.
        if (pointer.Length > Longest)
            pointer.Length = char.IsHighSurrogate(pointer[Longest - 1]) ? Longest - 1 : Longest;
        return pointer.ToString();
    }

    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest)
    {
        // A quoted name may hold anything, so that its end is the next quote with a bracket behind it.
        var (skip, end) = rest switch
        {
            ['[', '\'', ..] => (2, "']"),
            ['[', ..] => (1, "]"),
            ['.', ..] => (1, ""),
            _ => (0, ""),
        };
        rest = rest[skip..];
        var length = end.Length > 0 ? rest.IndexOf(end, StringComparison.Ordinal) : rest.IndexOfAny('.', '[');
        var part = length < 0 ? rest : rest[..length];
        rest = length < 0 ? [] : rest[(length + end.Length)..];
        return part;
    }
}
