using System.Globalization;
using System.Text;
using Countersign.Feel.Parsing;

namespace Countersign.Feel.Values;

/// <summary>Values as text.</summary>
internal static class FeelText
{
    private const int DeepestText = 200;

    /// <summary>The text of the string function: strings bare, everything else as in an expression, dates without constructor.</summary>
    public static string Convert(FeelValue value) => value switch
    {
        FeelString text => text.Value,
        _ => Write(new StringBuilder(), value, forExpression: false, 0).ToString(),
    };

    /// <summary>The text that, parsed, gives the value again (functions excepted).</summary>
    public static string Literal(FeelValue value) => Write(new StringBuilder(), value, forExpression: true, 0).ToString();

    /// <summary>The text with every half of a surrogate pair replaced.</summary>
    public static string WithoutHalves(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var rune in value.EnumerateRunes())
            text.Append(rune);
        return text.ToString();
    }

    public static string Quote(string value) => QuoteTo(new StringBuilder(value.Length + 2), value).ToString();

    private static StringBuilder Write(StringBuilder text, FeelValue value, bool forExpression, int depth)
    {
        if (depth > DeepestText)
            return text.Append("...");
        switch (value)
        {
            case FeelNull:
                return text.Append("null");
            case FeelBoolean boolean:
                return text.Append(boolean.Value ? "true" : "false");
            case FeelNumber number:
                return text.Append(number.Value.ToString());
            case FeelString words:
                return QuoteTo(text, words.Value);
            case FeelList list:
                text.Append('[');
                for (var i = 0; i < list.Count; i++)
                    Write(i > 0 ? text.Append(", ") : text, list[i], forExpression, depth + 1);
                return text.Append(']');
            case FeelContext context:
                return WriteContext(text, context, forExpression, depth);
            case FeelRange range:
                return WriteRange(text, range, forExpression, depth);
            case FeelFunction function:
                return text.Append("function(").AppendJoin(", ", function.ParameterNames).Append(')');
            default:
                return forExpression ? text.Append("@\"").Append(Temporal(value)).Append('"') : text.Append(Temporal(value));
        }
    }

    public static string Temporal(FeelValue value) => value switch
    {
        FeelDate date => date.Format(),
        FeelTime time => time.Format(),
        FeelDateTime moment => moment.Format(),
        FeelDaysDuration duration => duration.Format(),
        FeelMonthsDuration duration => duration.Format(),
        _ => "",
    };

    private static StringBuilder WriteContext(StringBuilder text, FeelContext context, bool forExpression, int depth)
    {
        text.Append('{');
        for (var i = 0; i < context.Count; i++)
        {
            if (i > 0)
                text.Append(", ");
            var name = context.Names[i];
            if (FeelNames.IsPlain(name))
                text.Append(name);
            else
                QuoteTo(text, name);
            Write(text.Append(": "), context.Items[i], forExpression, depth + 1);
        }
        return text.Append('}');
    }

    private static StringBuilder WriteRange(StringBuilder text, FeelRange range, bool forExpression, int depth)
    {
        if (range.IsSingle)
            return Write(text.Append(range.IsNegated ? "(!= " : "(= "), range.Start, forExpression, depth + 1).Append(')');
        if (range.Start.IsNull)
            return Write(text.Append(range.EndIncluded ? "(<= " : "(< "), range.End, forExpression, depth + 1).Append(')');
        if (range.End.IsNull)
            return Write(text.Append(range.StartIncluded ? "(>= " : "(> "), range.Start, forExpression, depth + 1).Append(')');
        Write(text.Append(range.StartIncluded ? '[' : '('), range.Start, forExpression, depth + 1);
        return Write(text.Append(".."), range.End, forExpression, depth + 1).Append(range.EndIncluded ? ']' : ')');
    }

    private static StringBuilder QuoteTo(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }
        return text.Append('"');
    }
}
