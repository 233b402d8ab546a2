using System.Buffers;
using System.Globalization;
using System.Text;

namespace Countersign.Feel.Parsing;

/// <summary>What is a name, and which of the known names stands at a place of a text.</summary>
internal sealed class FeelNames
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "and", "or", "in", "between", "instance", "then", "else", "return", "satisfies", "if", "for", "some", "every", "function",
        "true", "false", "null", "external",
    };

    // Only names that the lexer alone would not read as one: those with spaces or signs, by their first character, longest first.
    private readonly Dictionary<char, List<string>> _special = [];
    private readonly FeelNames? _base;

    /// <summary>Names on top of others, which are not changed.</summary>
    public FeelNames(FeelNames? @base = null) => _base = @base;

    public static bool IsReserved(ReadOnlySpan<char> word) => Reserved.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);

    public static bool IsStart(char c) => char.IsLetter(c) || c is '_' or '?' || char.IsSurrogate(c) || c is '\u200C' or '\u200D' or (>= '\u2070' and <= '\u218F');

    public static bool IsPart(char c) => (IsStart(c) && c != '?') || char.IsAsciiDigit(c) || c is '\u00B7' or '\u203F' or '\u2040' or (>= '\u0300' and <= '\u036F')
        || char.GetUnicodeCategory(c) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    public static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\r' or '\v' or '\f' or '\u0085' or '\u00A0' or '\u1680' or '\u180E' or (>= '\u2000' and <= '\u200B')
        or '\u2028' or '\u2029' or '\u202F' or '\u205F' or '\u3000' or '\uFEFF';

    /// <summary>Whether the name is one word that needs no help to be read.</summary>
    public static bool IsPlain(string name)
    {
        if (name.Length == 0 || !IsStart(name[0]) || (name[0] == '?' && name.Length > 1) || IsReserved(name))
            return false;
        for (var i = 1; i < name.Length; i++)
        {
            if (!IsPart(name[i]))
                return false;
        }
        return true;
    }

    /// <summary>Prints a name so that it is read as one: in backticks where it would not be otherwise.</summary>
    public static void Print(StringBuilder text, string name)
    {
        if (IsPlain(name) || Functions.BuiltIns.Find(name) is not null)
            text.Append(name);
        else
            text.Append('`').Append(name.Replace("`", "``", StringComparison.Ordinal)).Append('`');
    }

    /// <summary>One space between words, none at the ends.</summary>
    public static string Normalize(ReadOnlySpan<char> name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (!IsSpace(c))
                text.Append(c);
            else if (text.Length > 0 && text[^1] != ' ')
                text.Append(' ');
        }
        return text.Length > 0 && text[^1] == ' ' ? text.ToString(0, text.Length - 1) : text.ToString();
    }

    public void Add(string name)
    {
        name = Normalize(name);
        if (name.Length < 2 || IsPlain(name))
            return;
        if (!_special.TryGetValue(name[0], out var list))
            _special[name[0]] = list = [];
        if (list.Contains(name, StringComparer.Ordinal))
            return;
        list.Add(name);
        list.Sort((a, b) => b.Length.CompareTo(a.Length));
    }

    /// <summary>The longest known name with spaces or signs at a place; null when there is none.</summary>
    public string? Longest(string text, int at, out int end)
    {
        end = at;
        var below = _base?.Longest(text, at, out end);
        if (below is null)
            end = at;
        if (_special.Count == 0 || !_special.TryGetValue(text[at], out var candidates))
            return below;
        foreach (var candidate in candidates)
        {
            if (candidate.Length <= below?.Length)
                break;
            if (!Matches(text, at, candidate, out var own))
                continue;
            end = own;
            return candidate;
        }
        return below;
    }

    private static bool Matches(string text, int at, string name, out int end)
    {
        end = at;
        foreach (var c in name)
        {
            if (c == ' ')
            {
                if (end >= text.Length || !IsSpace(text[end]))
                    return false;
                while (end < text.Length && IsSpace(text[end]))
                    end++;
                continue;
            }
            if (end >= text.Length || text[end] != c)
                return false;
            end++;
        }
        return end >= text.Length || !IsPart(text[end]) || !IsPart(name[^1]);
    }
}
