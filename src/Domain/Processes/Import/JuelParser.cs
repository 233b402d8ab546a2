using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Countersign.Domain.Processes.Import;

/// <summary>
/// Reads one JUEL expression by recursive descent and writes it as FEEL. Unless it must be exact, Python's <c>True</c>, <c>False</c> and <c>None</c> are taken too: conditions of other engines
/// look the same.
/// </summary>
/// <param name="isExact">Take only what means the same on all values, and write out where the languages differ.</param>
internal sealed partial class JuelParser(string text, bool isExact = false)
{
    private const int Deepest = 50;

    /// <summary>Objects of the other engine, not variables.</summary>
    private static readonly ImmutableHashSet<string> EngineObjects = ["execution", "task", "externalTask", "caseExecution", "variableScope", "connector", "authenticatedUserId", "currentUser", "delegateExecution"];

    private static readonly ImmutableDictionary<string, string> Spans = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Seconds"] = "PT{0}S",
        ["Minutes"] = "PT{0}M",
        ["Hours"] = "PT{0}H",
        ["Days"] = "P{0}D",
        ["Weeks"] = "P{1}D",
        ["Months"] = "P{0}M",
        ["Years"] = "P{0}Y",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private int _at;
    private int _depth;
    private bool _isEmpty;

    /// <summary>Why it cannot be translated; null when it was.</summary>
    public string? Problem { get; private set; }

    public string? Parse()
    {
        var whole = Choice();
        SkipSpace();
        if (Problem is null && _at < text.Length)
            Fail($"'{text[_at]}' is not expected at character {(_at + 1).ToString(CultureInfo.InvariantCulture)}.");
        (IsTruth, IsTime) = (whole.IsTruth, whole.IsTime);
        return Problem is null ? whole.Text : null;
    }

    /// <summary>A text as FEEL writes it.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
            quoted.Append(c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", _ => c.ToString() });
        return quoted.Append('"').ToString();
    }

    private Piece Choice()
    {
        if (++_depth > Deepest)
            return Fail("It is nested too deep.");
        var condition = Or();
        if (Take("?"))
        {
            if (isExact)
                return Fail("A choice of two takes what is neither true nor false as false.");
            var yes = Choice();
            if (!Take(":"))
                return Fail("A choice needs ':'.");
            var no = Choice();
            condition = new Piece($"if {condition.Text} then {yes.Text} else {no.Text}", Level.Lowest);
        }

        _depth--;
        return condition;
    }

    private Piece Or()
    {
        var left = And();
        while (Take("||") || TakeWord("or"))
            left = new Piece($"{Truth(left).At(Level.Or)} or {Truth(And()).At(Level.Or)}", Level.Or, IsTruth: true);
        return left;
    }

    private Piece And()
    {
        var left = Comparison();
        while (Take("&&") || TakeWord("and"))
            left = new Piece($"{Truth(left).At(Level.And)} and {Truth(Comparison()).At(Level.And)}", Level.And, IsTruth: true);
        return left;
    }

    private Piece Comparison()
    {
        var left = Sum();
        while (Problem is null && Operator() is { } feel)
            left = isExact ? Compared(left, feel, Sum()) : new Piece($"{left.At(Level.Sum)} {feel} {Sum().At(Level.Sum)}", Level.Comparison);
        return left;
    }

    private string? Operator()
    {
        foreach (var (signs, word, feel) in new[] { ("==", "eq", "="), ("!=", "ne", "!="), ("<=", "le", "<="), (">=", "ge", ">="), ("<", "lt", "<"), (">", "gt", ">") })
        {
            if (Take(signs) || TakeWord(word))
                return feel;
        }

        return null;
    }

    private Piece Sum()
    {
        var left = Product();
        while (Problem is null)
        {
            var sign = Take("+") ? "+" : Take("-") ? "-" : null;
            if (sign is null)
                break;
            if (isExact)
                return Fail("It calculates, and nothing and texts count as numbers there.");
            left = new Piece($"{left.At(Level.Sum)} {sign} {Product().At(Level.Product)}", Level.Sum);
        }

        return left;
    }

    private Piece Product()
    {
        var left = Unary();
        while (Problem is null)
        {
            var sign = Take("*") ? "*" : Take("/") || TakeWord("div") ? "/" : null;
            if (sign is null)
                break;
            if (isExact)
                return Fail("It calculates, and nothing and texts count as numbers there.");
            left = new Piece($"{left.At(Level.Product)} {sign} {Unary().At(Level.Highest)}", Level.Product);
        }

        return left;
    }

    private Piece Unary()
    {
        SkipSpace();
        if (_at < text.Length && text[_at] == '!' && !(_at + 1 < text.Length && text[_at + 1] == '='))
            _at++;
        else if (Take("-"))
            return Negative();
        else if (!TakeWord("not"))
            return Primary();
        if (++_depth > Deepest)
            return Fail("It is nested too deep.");
        var what = Unary();
        _depth--;
        if (isExact)
            return Opposite(what);
        // JUEL takes an unset variable as false, so its opposite is true; FEEL's not(null) would be null.
        return what.IsPath ? new Piece($"{what.Text} != true", Level.Comparison) : new Piece($"not({what.Text})", Level.Highest);
    }

    private Piece Primary()
    {
        SkipSpace();
        if (_at == text.Length)
            return Fail("It is not complete.");
        if (Take("("))
        {
            var inside = Choice();
            return Take(")") ? inside with { Text = $"({inside.Text})", Binds = Level.Highest } : Fail("A ')' is missing.");
        }

        var c = text[_at];
        if (c is '\'' or '"')
            return Text(c);
        if (char.IsAsciiDigit(c))
            return Number();
        return char.IsAsciiLetter(c) || c == '_' ? Path() : Fail($"'{c}' is not expected at character {(_at + 1).ToString(CultureInfo.InvariantCulture)}.");
    }

    private Piece Text(char quote)
    {
        var content = new StringBuilder();
        for (_at++; _at < text.Length && text[_at] != quote; _at++)
        {
            if (text[_at] == '\\' && _at + 1 < text.Length)
            {
                _at++;
                if (isExact && text[_at] is not ('\\' or '\'' or '"'))
                    return Fail($"'\\{text[_at]}' is no sign of a text there.");
            }

            content.Append(text[_at]);
        }

        return _at++ < text.Length ? new Piece(Quote(content.ToString()), Level.Highest, IsLiteral: true) : Fail("A text does not end.");
    }

    private Piece Number()
    {
        var from = _at;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || (text[_at] == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1]))))
            _at++;
        return _at < text.Length && (char.IsAsciiLetter(text[_at]) || text[_at] == '_') ? Fail("A name begins with a digit.") : new Piece(text[from.._at], Level.Highest, IsLiteral: true);
    }

    private Piece Path()
    {
        var name = Word();
        if (name is "true" or "false" or "null" || (!isExact && name is "True" or "False" or "None"))
            return new Piece(name is "None" ? "null" : name.ToLowerInvariant(), Level.Highest, IsLiteral: true, IsTruth: name is "true" or "false");
        if (name is "empty")
            return Fail("'empty' asks for several things at once; FEEL needs to know which.");
        if (EngineObjects.Contains(name))
            return Fail($"'{name}' is an object of the other engine.");
        if (isExact && Different(name) is { } different)
            return Fail(different);
        SkipSpace();
        if (_at < text.Length && text[_at] == '(')
            return name is "now" or "dateTime" ? Time(name) : Fail($"'{name}(…)' calls code.");
        _variables.Add(name);
        var path = new StringBuilder(Counters.GetValueOrDefault(name, name));
        _isEmpty = false;
        while (Problem is null && !_isEmpty && _at < text.Length && text[_at] is '.' or '[')
        {
            if (text[_at++] == '.')
                path.Append(Member());
            else
                path.Append(Index());
        }

        if (name == "loopCounter")
            return new Piece("loopCounter - 1", Level.Sum);
        return _isEmpty ? new Piece($"count({path}) = 0", Level.Comparison, IsTruth: true) : new Piece(path.ToString(), Level.Highest, IsPath: true);
    }

    private string Member()
    {
        var name = Word();
        if (name.Length == 0)
            Fail("A name is missing after '.'.");
        SkipSpace();
        if (_at == text.Length || text[_at] != '(')
            return "." + name;
        return isExact ? Fail($"'.{name}(…)' calls code.").Text : Call(name);
    }

    /// <summary>Calls that only read: a property of a JSON value, its plain value, whether a list is empty.</summary>
    private string Call(string name)
    {
        Take("(");
        SkipSpace();
        var argument = name == "prop" && _at < text.Length && text[_at] is '\'' or '"' ? Text(text[_at]).Text.Trim('"') : "";
        if (!Take(")"))
            return Fail($"'.{name}(…)' calls code.").Text;
        switch (name)
        {
            case "prop" when argument.Length > 0 && !char.IsAsciiDigit(argument[0]) && argument.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'):
                return "." + argument;
            case "numberValue" or "stringValue" or "boolValue" or "value" or "elements":
                return "";
            case "isEmpty":
                _isEmpty = true;
                return "";
            default:
                return Fail($"'.{name}(…)' calls code.").Text;
        }
    }

    private string Index()
    {
        SkipSpace();
        var index = _at < text.Length && text[_at] is '\'' or '"' ? Text(text[_at]).Text.Trim('"') : _at < text.Length && char.IsAsciiDigit(text[_at]) ? Number().Text : "";
        if (!Take("]") || index.Length == 0)
            return Fail("Only a fixed name or position can stand in '[]'.").Text;
        if (int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position < int.MaxValue)
            return isExact ? Fail("Positions count from 0 there and from 1 here.").Text : $"[{(position + 1).ToString(CultureInfo.InvariantCulture)}]";
        return index.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(index[0]) ? "." + index : Fail($"'{index}' is no name.").Text;
    }

    /// <summary><c>dateTime().plusDays(3).toDate()</c> and its like.</summary>
    private Piece Time(string name)
    {
        Take("(");
        if (!Take(")"))
            return Fail("A time from now has no arguments.");
        var time = new StringBuilder("now()");
        var isDate = name == "now";
        while (Take("."))
        {
            if (isExact && isDate)
                return Fail("A date is asked for something there.");
            var step = Word();
            if (!Take("("))
                return Fail("A '(' is missing.");
            SkipSpace();
            var count = _at < text.Length && char.IsAsciiDigit(text[_at]) ? Number().Text : null;
            if (!Take(")"))
                return Fail("Only a fixed number can be added to a time.");
            isDate = step == "toDate" && count is null;
            if (isDate)
                continue;
            var sign = step.StartsWith("plus", StringComparison.Ordinal) ? '+' : step.StartsWith("minus", StringComparison.Ordinal) ? '-' : ' ';
            if (sign == ' ' || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n > 100_000 || !Spans.TryGetValue(step[(sign == '+' ? 4 : 5)..], out var span))
                return Fail($"'.{step}(…)' calls code.");
            time.Append(CultureInfo.InvariantCulture, $" {sign} duration(\"{string.Format(CultureInfo.InvariantCulture, span, n, n * 7)}\")");
        }

        return isDate || !isExact ? new Piece(time.ToString(), Level.Sum, IsTime: true) : Fail("It gives no date there: '.toDate()' is missing.");
    }

    private string Word()
    {
        SkipSpace();
        var from = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            _at++;
        return text[from.._at];
    }

    private bool Take(string signs)
    {
        SkipSpace();
        if (!text.AsSpan(_at).StartsWith(signs, StringComparison.Ordinal))
            return false;
        _at += signs.Length;
        return true;
    }

    private bool TakeWord(string word)
    {
        SkipSpace();
        var end = _at + word.Length;
        if (!text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal) || (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')))
            return false;
        _at = end;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
    }

    private Piece Fail(string problem)
    {
        Problem ??= problem;
        _at = text.Length;
        return new Piece("null", Level.Highest);
    }
}
