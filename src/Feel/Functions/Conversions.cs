using Countersign.Feel.Evaluation;
using Countersign.Feel.Parsing;
using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>Functions that make one kind of value from another.</summary>
internal static class Conversions
{
    public static readonly BuiltIn[] Functions =
    [
        new("date", ["from", "year, month, day"], "A date from text, from a date and time, or from its parts.", "date(\"2026-11-22\")", "@\"2026-11-22\"", Date),
        new("time", ["from", "hour, minute, second, offset?"], "A time from text, from a date and time, or from its parts.", "time(10, 30, 0)", "@\"10:30:00\"", Time),
        new("date and time", ["from", "date, time", "year, month, day, hour, minute, second, offset?"], "A date and time from text or from its parts.", "date and time(\"2026-11-22T10:30:00\")", "@\"2026-11-22T10:30:00\"", DateAndTime),
        new("duration", ["from"], "A duration from its ISO 8601 text.", "duration(\"P1DT2H\")", "@\"P1DT2H\"", Duration),
        new("years and months duration", ["from, to"], "The whole months between two dates.", "years and months duration(@\"2025-01-15\", @\"2026-11-22\")", "@\"P1Y10M\"", MonthsBetween),
        new("number", ["from, grouping separator?, decimal separator?"], "A number from text; separators are a space, comma or point.", "number(\"1.234,56\", \".\", \",\")", "1234.56", Number),
        new("string", ["from"], "Text from any value.", "string(1.1)", "\"1.1\"", String),
        new("range", ["from"], "A range from its text.", "range(\"[18..21)\")", "[18..21)", Range),
    ];

    /// <summary>The date, time, date and time or duration a text spells; null when it spells none.</summary>
    public static FeelValue? ParseTemporal(string text)
    {
        if (FeelDate.TryParse(text, out var date))
            return date;
        if (text.Contains('T', StringComparison.Ordinal) && FeelDateTime.TryParse(text, out var moment))
            return moment;
        if (FeelTime.TryParse(text, out var time))
            return time;
        return ParseDuration(text);
    }

    private static FeelValue? ParseDuration(string text)
    {
        if (FeelMonthsDuration.TryParse(text, out var months))
            return months;
        return FeelDaysDuration.TryParse(text, out var days) ? days : null;
    }

    private static FeelValue Date(in Arguments a)
    {
        if (a.Count == 3)
        {
            return a.IsWhole(0, out var year) && a.IsWhole(1, out var month) && a.IsWhole(2, out var day) && FeelDate.TryCreate(year, month, day, out var made)
                ? made
                : a.Fail("there is no such day.");
        }
        if (a.Is<FeelDate>(0, out var date))
            return date;
        if (a.Is<FeelDateTime>(0, out var moment))
            return moment.Date;
        return a.IsText(0, out var text) && FeelDate.TryParse(text, out var parsed) ? parsed : a.Wrong(0, "a date's text such as \"2026-11-22\"");
    }

    private static FeelValue Time(in Arguments a)
    {
        if (a.Count >= 3)
            return TimeOf(a, 0) ?? a.Fail("there is no such time.");
        if (a.Is<FeelTime>(0, out var time))
            return time;
        if (a.Is<FeelDateTime>(0, out var moment))
            return moment.Time;
        if (a.Is<FeelDate>(0, out _))
            return new FeelTime(0, 0, FeelZone.Utc);
        return a.IsText(0, out var text) && text.Length > 0 && text[0] != 'T' && FeelTime.TryParse(text, out var parsed) ? parsed : a.Wrong(0, "a time's text such as \"10:30:00\"");
    }

    // Hour, minute, second (which may have a fraction) and an optional offset or zone, beginning at an argument.
    private static FeelTime? TimeOf(in Arguments a, int first)
    {
        if (!a.IsWhole(first, out var hour) || !a.IsWhole(first + 1, out var minute) || !a.IsNumber(first + 2, out var second)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second.Sign < 0 || second >= Decimal34.From(60))
            return null;
        FeelZone? zone = null;
        if (a.Is<FeelDaysDuration>(first + 3, out var offset))
        {
            zone = FeelZone.FromOffset((long)Int128.Clamp(offset.TotalSeconds, -1_000_000, 1_000_000));
            if (zone is null)
                return null;
        }
        else if (a.IsText(first + 3, out var name))
        {
            if (!FeelZone.TryParse(name.Contains('/', StringComparison.Ordinal) && name[0] != '@' ? "@" + name : name, out zone))
                return null;
        }
        else if (!a.IsMissing(first + 3))
        {
            return null;
        }
        if (!Decimal34.TryMultiply(second, Decimal34.From(1_000_000_000), out var scaled) || !scaled.TryRescale(0, DecimalRounding.Down, out var whole) || !whole.TryToInt64(out var nanos))
            return null;
        return new FeelTime((int)((hour * 3600) + (minute * 60) + (nanos / 1_000_000_000)), (int)(nanos % 1_000_000_000), zone);
    }

    private static FeelValue DateAndTime(in Arguments a)
    {
        if (a.Count >= 6)
        {
            return a.IsWhole(0, out var year) && a.IsWhole(1, out var month) && a.IsWhole(2, out var day) && FeelDate.TryCreate(year, month, day, out var on) && TimeOf(a, 3) is { } at
                ? new FeelDateTime(on, at)
                : a.Fail("there is no such date and time.");
        }
        if (a.Count == 2)
        {
            if (!a.Is<FeelTime>(1, out var time))
                return a.Wrong(1, "a time");
            if (a.Is<FeelDateTime>(0, out var whole))
                return new FeelDateTime(whole.Date, time);
            return a.Is<FeelDate>(0, out var date) ? new FeelDateTime(date, time) : a.Wrong(0, "a date");
        }
        if (a.Is<FeelDateTime>(0, out var moment))
            return moment;
        if (a.Is<FeelDate>(0, out var midnight))
            return new FeelDateTime(midnight, new FeelTime(0, 0, FeelZone.Utc));
        return a.IsText(0, out var text) && FeelDateTime.TryParse(text, out var parsed) ? parsed : a.Wrong(0, "a date and time's text such as \"2026-11-22T10:30:00\"");
    }

    private static FeelValue Duration(in Arguments a)
    {
        if (a.Is<FeelDaysDuration>(0, out var days))
            return days;
        if (a.Is<FeelMonthsDuration>(0, out var months))
            return months;
        return (a.IsText(0, out var text) ? ParseDuration(text) : null) ?? a.Wrong(0, "a duration's text such as \"P1DT2H\" or \"P1Y\"");
    }

    private static FeelValue MonthsBetween(in Arguments a)
    {
        var from = a.Is<FeelDateTime>(0, out var start) ? start.Date : a.Is<FeelDate>(0, out var startDate) ? startDate : null;
        var to = a.Is<FeelDateTime>(1, out var end) ? end.Date : a.Is<FeelDate>(1, out var endDate) ? endDate : null;
        if (from is null)
            return a.Wrong(0, "a date");
        return to is null ? a.Wrong(1, "a date") : new FeelMonthsDuration(FeelDate.MonthsBetween(from, to));
    }

    private static FeelValue Number(in Arguments a)
    {
        if (a.Is<FeelNumber>(0, out var already) && a.Count == 1)
            return already;
        if (!a.IsText(0, out var text))
            return a.Wrong(0, "a number's text");
        var grouping = "";
        var point = ".";
        if (!a.IsMissing(1) && (!a.IsText(1, out grouping) || grouping is not (" " or "," or ".")))
            return a.Wrong(1, "a space, a comma or a point");
        if (!a.IsMissing(2) && (!a.IsText(2, out point) || point is not ("," or ".")))
            return a.Wrong(2, "a comma or a point");
        if (grouping == point)
            return a.Fail("the grouping and the decimal separator must differ.");
        if (grouping.Length > 0)
            text = text.Replace(grouping, "", StringComparison.Ordinal);
        if (point == ",")
            text = text.Contains('.', StringComparison.Ordinal) ? "" : text.Replace(',', '.');
        return Decimal34.TryParse(text, out var number) ? new FeelNumber(number) : a.Wrong(0, "a number's text");
    }

    private static FeelValue String(in Arguments a)
    {
        var value = a[0];
        return value switch
        {
            FeelNull => value,
            FeelString => value,
            FeelList or FeelContext or FeelRange => a.Run.Text(Bounded(a, value)),
            _ => a.Run.Text(FeelText.Convert(value)),
        };
    }

    // A list may hold the same long text many times: count before writing.
    private static string Bounded(in Arguments a, FeelValue value)
    {
        a.Run.CheckText(Size(a.Run, value));
        return FeelText.Convert(value);
    }

    private static long Size(FeelRun run, FeelValue value)
    {
        run.Step();
        long size = 8;
        switch (value)
        {
            case FeelString text:
                return text.Value.Length;
            case FeelList list:
                foreach (var item in list.Items)
                    size += Size(run, item);
                return size;
            case FeelContext context:
                for (var i = 0; i < context.Count; i++)
                    size += context.Names[i].Length + Size(run, context.Items[i]);
                return size;
            default:
                return size;
        }
    }

    private static FeelValue Range(in Arguments a)
    {
        if (!a.IsText(0, out var text))
            return a.Wrong(0, "a range's text such as \"[1..5]\"");
        if (text.Length > 1_000)
            return a.Wrong(0, "a shorter text");
        var parser = new Parser(text, FeelCompileOptions.Default);
        var node = parser.ParseExpression();
        if (!parser.Errors.IsEmpty || node is not (RangeLiteral or OpenRange) || !node.Children.All(IsLiteral))
            return a.Wrong(0, "a range's text such as \"[1..5]\"");
        return node.Evaluate(a.Run, FeelScope.Empty);
    }

    // An end is a literal or one made by a function of text, such as date("2026-11-22"); no variables.
    private static bool IsLiteral(Node node) => node switch
    {
        Literal => true,
        Negation => node.Children.All(IsLiteral),
        Call => node.Children.First() is Name { Text: "date" or "time" or "date and time" or "duration" } && node.Children.Skip(1).All(IsLiteral),
        _ => false,
    };
}
