using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>Functions of text; characters are Unicode code points.</summary>
internal static class Texts
{
    public static readonly BuiltIn[] Functions =
    [
        new("substring", ["string, start position, length?"], "A part of a text; a negative position counts from the end.", "substring(\"foobar\", 3, 3)", "\"oba\"", Substring),
        new("string length", ["string"], "How many characters a text has.", "string length(\"foo\")", "3", (in Arguments a)
            => a.IsText(0, out var text) ? FeelNumber.From(Length(a, text)) : a.Wrong(0, "a text")),
        new("upper case", ["string"], "The text in capital letters.", "upper case(\"aBc4\")", "\"ABC4\"", (in Arguments a)
            => a.IsText(0, out var text) ? a.Run.Text(CaseMapping.Upper(text)) : a.Wrong(0, "a text")),
        new("lower case", ["string"], "The text in small letters.", "lower case(\"aBc4\")", "\"abc4\"", (in Arguments a)
            => a.IsText(0, out var text) ? a.Run.Text(CaseMapping.Lower(text)) : a.Wrong(0, "a text")),
        new("substring before", ["string, match"], "What stands before the first match; nothing without one.", "substring before(\"foobar\", \"bar\")", "\"foo\"", (in Arguments a) => Around(a, before: true)),
        new("substring after", ["string, match"], "What stands after the first match; nothing without one.", "substring after(\"foobar\", \"ob\")", "\"ar\"", (in Arguments a) => Around(a, before: false)),
        new("replace", ["input, pattern, replacement, flags?"], "The text with every match of a regular expression replaced; $1 is the first group.", "replace(\"abcd\", \"(ab)|(a)\", \"[1=$1]\")", "\"[1=ab]cd\"", Replace),
        new("contains", ["string, match"], "Whether a text contains another.", "contains(\"foobar\", \"of\")", "false", (in Arguments a)
            => Pair(a, (text, match) => text.Contains(match, StringComparison.Ordinal))),
        new("starts with", ["string, match"], "Whether a text begins with another.", "starts with(\"foobar\", \"fo\")", "true", (in Arguments a)
            => Pair(a, (text, match) => text.StartsWith(match, StringComparison.Ordinal))),
        new("ends with", ["string, match"], "Whether a text ends with another.", "ends with(\"foobar\", \"r\")", "true", (in Arguments a)
            => Pair(a, (text, match) => text.EndsWith(match, StringComparison.Ordinal))),
        new("matches", ["input, pattern, flags?"], "Whether a regular expression matches somewhere in a text.", "matches(\"foobar\", \"^fo*b\")", "true", Matches),
        new("split", ["string, delimiter"], "The parts of a text between the matches of a regular expression.", "split(\"John Doe\", \"\\\\s\")", "[\"John\", \"Doe\"]", Split),
        new("string join", ["list, delimiter?"], "The texts of a list one after another; null members are left out.", "string join([\"a\", \"b\", \"c\"], \"_and_\")", "\"a_and_b_and_c\"", Join),
    ];

    private static long Length(in Arguments a, string text)
    {
        a.Run.Charge(text.Length / 16);
        var length = 0L;
        foreach (var _ in text.EnumerateRunes())
            length++;
        return length;
    }

    private static FeelValue Substring(in Arguments a)
    {
        if (!a.IsText(0, out var text))
            return a.Wrong(0, "a text");
        if (!a.IsNumber(1, out var position) || !position.TryRescale(0, DecimalRounding.Down, out var whole) || !whole.TryToInt64(out var start) || start == 0)
            return a.Wrong(1, "a whole number other than 0");
        var length = Length(a, text);
        var first = start > 0 ? start - 1 : length + start;
        if (first < 0 || first >= length)
            return start > 0 && first == length ? a.Run.Text("") : a.Fail("the start position lies outside the text.");
        var count = length - first;
        if (a.Count > 2 && !a.IsMissing(2))
        {
            if (!a.IsNumber(2, out var wanted) || !wanted.TryRescale(0, DecimalRounding.Down, out var wholeWanted) || !wholeWanted.TryToInt64(out var taken) || taken < 1)
                return a.Wrong(2, "a whole number of at least 1");
            count = Math.Min(count, taken);
        }
        if (length == text.Length)
            return a.Run.Text(text.Substring((int)first, (int)count));
        var result = new StringBuilder();
        var at = 0L;
        foreach (var rune in text.EnumerateRunes())
        {
            if (at >= first && at < first + count)
                result.Append(rune.ToString());
            at++;
        }
        return a.Run.Text(result.ToString());
    }

    private static FeelValue Around(in Arguments a, bool before)
    {
        if (!a.IsText(0, out var text))
            return a.Wrong(0, "a text");
        if (!a.IsText(1, out var match))
            return a.Wrong(1, "a text");
        var at = text.IndexOf(match, StringComparison.Ordinal);
        if (at < 0)
            return a.Run.Text("");
        return a.Run.Text(before ? text[..at] : text[(at + match.Length)..]);
    }

    private static FeelValue Pair(in Arguments a, Func<string, string, bool> test)
    {
        if (!a.IsText(0, out var text))
            return a.Wrong(0, "a text");
        if (!a.IsText(1, out var match))
            return a.Wrong(1, "a text");
        a.Run.Charge(text.Length / 16);
        return FeelValue.From(test(text, match));
    }

    private static FeelValue Matches(in Arguments a)
    {
        if (!a.IsText(0, out var text))
            return a.Wrong(0, "a text");
        if (!TryRegex(a, 2, out var regex, out var problem))
            return problem;
        a.Run.Charge(text.Length);
        return FeelValue.From(regex.IsMatch(text));
    }

    private static FeelValue Replace(in Arguments a)
    {
        if (!a.IsText(0, out var text))
            return a.Wrong(0, "a text");
        if (!a.IsText(2, out var replacement))
            return a.Wrong(2, "a text");
        if (!TryRegex(a, 3, out var regex, out var problem))
            return problem;
        if (regex.IsMatch(""))
            return a.Fail("the pattern must not match nothing at all.");
        if (Replacement.Parse(replacement) is not { } parts)
            return a.Wrong(2, "a text in which '$' is followed by a group's number and '\\' by '$' or '\\'");
        var result = new StringBuilder();
        var from = 0;
        a.Run.Charge(text.Length);
        foreach (var match in regex.EnumerateMatches(text))
        {
            result.Append(text, from, match.Index - from);
            if (parts.HasGroups)
                parts.Append(result, regex.Match(text, match.Index));
            else
                result.Append(parts.Plain);
            from = match.Index + match.Length;
            a.Run.LimitText(result.Length);
        }
        result.Append(text, from, text.Length - from);
        return a.Run.Text(result.ToString());
    }

    private static FeelValue Split(in Arguments a)
    {
        if (!a.IsText(0, out var text))
            return a.Wrong(0, "a text");
        if (!TryRegex(a, 2, out var regex, out var problem))
            return problem;
        a.Run.Charge(text.Length);
        var parts = new List<FeelValue>();
        var from = 0;
        foreach (var match in regex.EnumerateMatches(text))
        {
            if (match.Length == 0)
                continue;
            parts.Add(a.Run.Text(text[from..match.Index]));
            from = match.Index + match.Length;
        }
        parts.Add(a.Run.Text(text[from..]));
        return a.Run.List(parts);
    }

    private static FeelValue Join(in Arguments a)
    {
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list");
        var delimiter = "";
        if (!a.IsMissing(1) && !a.IsText(1, out delimiter))
            return a.Wrong(1, "a text");
        var result = new StringBuilder();
        var first = true;
        foreach (var item in list.Items)
        {
            if (item.IsNull)
                continue;
            if (item is not FeelString text)
                return a.Fail("the list must have texts only.");
            if (!first)
                result.Append(delimiter);
            result.Append(text.Value);
            a.Run.LimitText(result.Length);
            first = false;
        }
        return a.Run.Text(result.ToString());
    }

    private static bool TryRegex(in Arguments a, int flagsAt, out Regex regex, out FeelValue problem)
    {
        regex = null!;
        problem = FeelValue.Null;
        var flags = "";
        if (!a.IsText(1, out var pattern))
            problem = a.Wrong(1, "a text");
        else if (!a.IsMissing(flagsAt) && !a.IsText(flagsAt, out flags))
            problem = a.Wrong(flagsAt, "a text");
        else if (!Patterns.TryGet(pattern, flags, out regex!, out var reason))
            problem = a.Fail(reason);
        else
            return true;
        return false;
    }
}
