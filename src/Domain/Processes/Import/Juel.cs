using System.Globalization;
using System.Text;
using Countersign.Feel;

namespace Countersign.Domain.Processes.Import;

/// <summary>JUEL that means the same in FEEL, as the compiler reads it.</summary>
/// <param name="Feel">The translation; null when it does not mean the same.</param>
/// <param name="IsTruth">Whether it can only give true or false.</param>
/// <param name="IsTime">Whether it is a time from now.</param>
/// <param name="Problem">Why it is not read.</param>
internal readonly record struct JuelReading(FeelExpression? Feel, bool IsTruth, bool IsTime, string? Problem);

/// <summary>
/// Translates simple JUEL (<c>${…}</c>, <c>#{…}</c>) to FEEL. <see cref="Read"/> takes what means the same on all values and is what the compiler runs; <see cref="Translate"/> takes more
/// (arithmetic, choices, text around expressions), which a person should look at, and is for the import. What calls code is not translated by either.
/// </summary>
internal static class Juel
{
    /// <summary>A long expression is code; nobody reads its translation.</summary>
    private const int Longest = 2000;

    /// <summary>Whether a text holds an expression.</summary>
    public static bool IsIn(string text) => text.Contains("${", StringComparison.Ordinal) || text.Contains("#{", StringComparison.Ordinal);

    /// <summary>
    /// Reads a text that is one expression as a whole: paths, literals, comparisons of them, and/or/not. What differs between the languages is written out (JUEL takes null as false,
    /// and as neither less nor more than anything); where the other engine would stop, the evaluation of the translation leaves a warning or gives null.
    /// </summary>
    public static JuelReading Read(string text)
    {
        text = text.Trim();
        if (text.Length > Longest)
            return Not($"It is longer than {Longest.ToString(CultureInfo.InvariantCulture)} characters.");
        if (text.Length < 3 || NextOpen(text, 0) != 0)
            return Not("It is not one expression in '${' and '}'.");
        var close = Close(text, 2);
        if (close != text.Length - 1)
            return Not(close < 0 ? "It does not end." : "There is text around the expression.");
        var parser = new JuelParser(text[2..close], isExact: true);
        if (parser.Parse() is not { } translation)
            return Not(parser.Problem!);
        // A name may be a word or a function of FEEL; then it would be read as something else.
        if (FeelExpression.Compile(translation).Expression is not { } feel || !feel.Names.SequenceEqual(parser.Variables, StringComparer.Ordinal))
            return Not("One of its names is a word of FEEL.");
        return new JuelReading(feel, parser.IsTruth, parser.IsTime, null);

        static JuelReading Not(string problem) => new(null, false, false, problem);
    }

    /// <summary>FEEL with a leading <c>=</c> for a text with expressions; null with a sentence when it cannot be said in FEEL.</summary>
    public static string? Translate(string text, out string? problem)
    {
        text = text.Trim();
        var parts = new List<string>();
        var at = 0;
        problem = text.Length > Longest ? $"It is longer than {Longest.ToString(CultureInfo.InvariantCulture)} characters." : null;
        while (problem is null && at < text.Length)
        {
            var open = NextOpen(text, at);
            if (open > at)
                parts.Add(JuelParser.Quote(text[at..open]));
            if (open == text.Length)
                break;
            var close = Close(text, open + 2);
            if (close < 0)
                problem = "It does not end.";
            else if (Expression(text[(open + 2)..close], out problem) is { } feel)
                parts.Add(open == 0 && close == text.Length - 1 ? feel : $"string({feel})");
            at = close + 1;
        }

        if (problem is not null)
            return null;
        // Text around an expression makes a text, whatever the expression gives.
        return "=" + (parts.Count == 0 ? "\"\"" : string.Join(" + ", parts));
    }

    /// <summary>FEEL for one expression without its braces; null with a sentence when it cannot be said in FEEL.</summary>
    public static string? Expression(string text, out string? problem)
    {
        if (text.Length > Longest)
        {
            problem = "It is too long to read.";
            return null;
        }

        var parser = new JuelParser(text);
        var feel = parser.Parse();
        problem = parser.Problem;
        // The last word has the compiler: a name may be a word of FEEL.
        if (feel is not null && FeelExpression.Compile(feel).Expression is null)
            problem = "One of its names is a word of FEEL.";
        return problem is null ? feel : null;
    }

    private static int NextOpen(string text, int from)
    {
        for (var i = from; i < text.Length - 1; i++)
        {
            if (text[i] is '$' or '#' && text[i + 1] == '{')
                return i;
        }

        return text.Length;
    }

    private static int Close(string text, int from)
    {
        var quote = '\0';
        for (var i = from; i < text.Length; i++)
        {
            if (quote != '\0')
            {
                if (text[i] == '\\')
                    i++;
                else if (text[i] == quote)
                    quote = '\0';
            }
            else if (text[i] is '\'' or '"')
            {
                quote = text[i];
            }
            else if (text[i] == '}')
            {
                return i;
            }
        }

        return -1;
    }
}
