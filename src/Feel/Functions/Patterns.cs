using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Countersign.Feel.Functions;

/// <summary>
/// Regular expressions of XPath, which FEEL uses, on an engine without backtracking: a match takes time in proportion to the text.
/// </summary>
internal static class Patterns
{
    private const int LongestPattern = 1_000;
    private const int MostKept = 512;

    private static readonly ConcurrentDictionary<(string Pattern, string Flags), (Regex? Regex, string Reason)> Kept = new();

    public static bool TryGet(string pattern, string flags, [NotNullWhen(true)] out Regex? regex, out string reason)
    {
        if (!Kept.TryGetValue((pattern, flags), out var found))
        {
            found = Compile(pattern, flags);
            if (Kept.Count >= MostKept)
                Kept.Clear();
            Kept[(pattern, flags)] = found;
        }
        (regex, reason) = found;
        return regex is not null;
    }

    private static (Regex? Regex, string Reason) Compile(string pattern, string flags)
    {
        if (pattern.Length > LongestPattern)
            return (null, $"the pattern is longer than {LongestPattern} characters.");
        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        foreach (var flag in flags)
        {
            switch (flag)
            {
                case 's':
                    options |= RegexOptions.Singleline;
                    break;
                case 'm':
                    options |= RegexOptions.Multiline;
                    break;
                case 'i':
                    options |= RegexOptions.IgnoreCase;
                    break;
                case 'x' or 'q':
                    break;
                default:
                    return (null, $"'{flag}' is no flag. Flags are s, m, i, x and q.");
            }
        }
        var isLiteral = flags.Contains('q', StringComparison.Ordinal);
        var translated = isLiteral ? Regex.Escape(pattern) : new Translation(pattern, flags).Translate();
        if (translated is null)
            return (null, $"'{pattern}' is no regular expression.");
        try
        {
            // The engine is the one without backtracking, which the rule does not see.
#pragma warning disable MA0009
            return (new Regex(translated, options), "");
#pragma warning restore MA0009
        }
        catch (ArgumentException)
        {
            return (null, $"'{pattern}' is no regular expression.");
        }
        catch (NotSupportedException)
        {
            return (null, $"'{pattern}' needs looking back at earlier parts of the match, or is too large. Use a simpler pattern.");
        }
    }

    /// <summary>Turns XPath's dialect into .NET's; null for what XPath does not allow.</summary>
    private sealed class Translation(string pattern, string flags)
    {
        private readonly bool _skipBlanks = flags.Contains('x', StringComparison.Ordinal);
        private readonly bool _dotIsAll = flags.Contains('s', StringComparison.Ordinal);
        private readonly bool _multiline = flags.Contains('m', StringComparison.Ordinal);
        private readonly StringBuilder _out = new();
        private int _at;

        public string? Translate()
        {
            while (_at < pattern.Length)
            {
                var c = pattern[_at];
                if (_skipBlanks && IsBlank(c))
                    _at++;
                else if (c == '\\')
                {
                    if (!Escape(inClass: false))
                        return null;
                }
                else if (c == '[')
                {
                    if (!Class(0))
                        return null;
                }
                else
                {
                    if (c == '(' && _at + 1 < pattern.Length && pattern[_at + 1] == '?' && !(_at + 2 < pattern.Length && pattern[_at + 2] == ':'))
                        return null;
                    if (c == ']')
                        return null;
                    _out.Append(c switch { '.' when !_dotIsAll => "[^\\n\\r]", '$' when !_multiline => "\\z", _ => c.ToString() });
                    _at++;
                }
            }
            return _out.ToString();
        }

        private static bool IsBlank(char c) => c is ' ' or '\t' or '\n' or '\r';

        private bool Escape(bool inClass)
        {
            _at++;
            while (_skipBlanks && !inClass && _at < pattern.Length && IsBlank(pattern[_at]))
                _at++;
            if (_at >= pattern.Length)
                return false;
            var c = pattern[_at++];
            switch (c)
            {
                case 'n' or 'r' or 't' or '\\' or '|' or '.' or '?' or '*' or '+' or '(' or ')' or '{' or '}' or '[' or ']' or '^' or '-' or '$' or 's' or 'S' or 'd' or 'D' or 'w' or 'W':
                    _out.Append('\\').Append(c);
                    return true;
                case 'i' or 'c':
                    var letters = c == 'i' ? "\\p{L}_:" : "\\p{L}\\p{Nd}\\-._:\\u00B7";
                    _out.Append(inClass ? letters : $"[{letters}]");
                    return true;
                case 'I' or 'C' when !inClass:
                    _out.Append(c == 'I' ? "[^\\p{L}_:]" : "[^\\p{L}\\p{Nd}\\-._:\\u00B7]");
                    return true;
                case 'p' or 'P':
                    return Property(c);
                case >= '1' and <= '9' when !inClass:
                    // A group that was not opened before is no group to look back at.
                    if (_out.ToString().Count(x => x == '(') < c - '0')
                        return false;
                    _out.Append('\\').Append(c);
                    return true;
                default:
                    return false;
            }
        }

        private bool Property(char kind)
        {
            while (_skipBlanks && _at < pattern.Length && IsBlank(pattern[_at]))
                _at++;
            var end = pattern.IndexOf('}', _at);
            if (_at >= pattern.Length || pattern[_at] != '{' || end < 0)
                return false;
            var name = pattern[(_at + 1)..end];
            if (_skipBlanks)
                name = string.Concat(name.Where(c => !IsBlank(c)));
            _at = end + 1;
            _out.Append('\\').Append(kind).Append('{').Append(string.Equals(name, "IsBasicLatin", StringComparison.Ordinal) ? "IsBasicLatin" : name).Append('}');
            return name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        }

        private bool Class(int depth)
        {
            if (depth > 10)
                return false;
            _out.Append('[');
            _at++;
            if (_at < pattern.Length && pattern[_at] == '^')
            {
                _out.Append('^');
                _at++;
            }
            var empty = true;
            while (_at < pattern.Length)
            {
                var c = pattern[_at];
                if (c == ']')
                {
                    _out.Append(']');
                    _at++;
                    return !empty;
                }
                if (c == '-' && !empty && _at + 1 < pattern.Length && pattern[_at + 1] == '[')
                {
                    _out.Append('-');
                    _at++;
                    if (!Class(depth + 1) || _at >= pattern.Length || pattern[_at] != ']')
                        return false;
                    continue;
                }
                if (c == '[')
                    return false;
                empty = false;
                if (c == '\\')
                {
                    if (!Escape(inClass: true))
                        return false;
                    continue;
                }
                _out.Append(c);
                _at++;
            }
            return false;
        }
    }
}

/// <summary>The third argument of replace: text with <c>$1</c> for groups.</summary>
internal sealed class Replacement
{
    private readonly List<(string? Text, int Group)> _parts = [];

    public bool HasGroups => _parts.Exists(p => p.Text is null);

    public string Plain => string.Concat(_parts.Select(p => p.Text));

    public static Replacement? Parse(string text)
    {
        var result = new Replacement();
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (text[i] == '\\')
            {
                if (next is not ('\\' or '$'))
                    return null;
                plain.Append(next);
                i++;
            }
            else if (text[i] == '$')
            {
                if (!char.IsAsciiDigit(next))
                    return null;
                result._parts.Add((plain.ToString(), 0));
                plain.Clear();
                result._parts.Add((null, next - '0'));
                i++;
            }
            else
            {
                plain.Append(text[i]);
            }
        }
        result._parts.Add((plain.ToString(), 0));
        return result;
    }

    public void Append(StringBuilder target, Match match)
    {
        foreach (var (text, group) in _parts)
            target.Append(text ?? match.Groups[group].Value);
    }
}

/// <summary>Case mapping of whole texts, with the few letters that become two.</summary>
internal static class CaseMapping
{
    public static string Upper(string text)
    {
        var upper = text.ToUpperInvariant();
        return upper.Contains('ß', StringComparison.Ordinal) ? upper.Replace("ß", "SS", StringComparison.Ordinal) : upper;
    }

    public static string Lower(string text) => CultureInfo.InvariantCulture.TextInfo.ToLower(text);
}
