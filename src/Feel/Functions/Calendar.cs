using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>Functions of the calendar and the caller's clock.</summary>
internal static class Calendar
{
    private static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];

    public static readonly BuiltIn[] Functions =
    [
        new("day of year", ["date"], "The number of the day within its year.", "day of year(@\"2019-09-17\")", "260", (in Arguments a)
            => Of(a, date => FeelNumber.From(date.DayOfYear))),
        new("day of week", ["date"], "The name of the weekday.", "day of week(@\"2019-09-17\")", "\"Tuesday\"", (in Arguments a)
            => Of(a, date => FeelValue.From(Weekdays[date.Weekday - 1]))),
        new("month of year", ["date"], "The name of the month.", "month of year(@\"2019-09-17\")", "\"September\"", (in Arguments a)
            => Of(a, date => FeelValue.From(Months[date.Month - 1]))),
        new("week of year", ["date"], "The number of the week by ISO 8601.", "week of year(@\"2003-12-29\")", "1", (in Arguments a)
            => Of(a, date => FeelNumber.From(date.WeekOfYear))),
        new("now", [""], "The moment of the evaluation, given by the caller.", "now() instance of date and time", "true", (in Arguments a)
            => a.Run.Options.Now is { } now ? FeelDateTime.From(now) : a.Fail("the caller gave no time.")),
        new("today", [""], "The date of the evaluation, given by the caller.", "today() instance of date", "true", (in Arguments a)
            => a.Run.Options.Now is { } now ? FeelDateTime.From(now).Date : a.Fail("the caller gave no time.")),
    ];

    private static FeelValue Of(in Arguments a, Func<FeelDate, FeelValue> find)
    {
        if (a.Is<FeelDate>(0, out var date))
            return find(date);
        return a.Is<FeelDateTime>(0, out var moment) ? find(moment.Date) : a.Wrong(0, "a date");
    }
}
