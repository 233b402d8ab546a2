using System.Globalization;

namespace Countersign.Console.Texts;

/// <summary>Times as people of the tenant read them.</summary>
internal sealed class Clock(TimeProvider time, Text text)
{
    private TimeZoneInfo zone = TimeZoneInfo.Utc;

    public DateTimeOffset Now => time.GetUtcNow();

    public string ZoneName => zone.Equals(TimeZoneInfo.Utc) ? "UTC" : zone.Id;

    /// <summary>Uses the tenant's time zone; UTC where the machine does not know it.</summary>
    public void Use(string? timeZone)
    {
        if (timeZone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var found))
            zone = found;
    }

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone);

    public string Full(DateTimeOffset at) => Local(at).ToString("d MMM yyyy, HH:mm:ss", CultureInfo.InvariantCulture) + " " + ZoneName;

    public string Short(DateTimeOffset at)
    {
        var local = Local(at);
        var today = Local(Now);
        return local.Date == today.Date ? local.ToString("HH:mm", CultureInfo.InvariantCulture)
            : local.Year == today.Year ? local.ToString("d MMM, HH:mm", CultureInfo.InvariantCulture)
            : local.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
    }

    /// <summary>Midnight at the tenant's place of a day such as 2026-11-22; null when it is none.</summary>
    public DateTimeOffset? Midnight(string? day)
    {
        if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return null;
        var local = date.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(local, zone.GetUtcOffset(local));
    }

    /// <summary>“2 h”, “3 days”: how long ago, in one unit.</summary>
    public string Age(DateTimeOffset at) => Span(Now - at);

    public string Span(TimeSpan span)
    {
        span = span.Duration();
        return span switch
        {
            { TotalSeconds: < 60 } => text["{0} s", (int)span.TotalSeconds],
            { TotalMinutes: < 60 } => text["{0} min", (int)span.TotalMinutes],
            { TotalHours: < 48 } => text["{0} h", (int)span.TotalHours],
            _ => text["{0} days", (int)span.TotalDays],
        };
    }

    /// <summary>A measured duration with two significant digits.</summary>
    public string Measured(double milliseconds) => milliseconds switch
    {
        < 1000 => text["{0} ms", milliseconds.ToString("0", CultureInfo.InvariantCulture)],
        < 60_000 => text["{0} s", (milliseconds / 1000).ToString("0.0", CultureInfo.InvariantCulture)],
        < 3_600_000 => text["{0} min", (milliseconds / 60_000).ToString("0.0", CultureInfo.InvariantCulture)],
        < 172_800_000 => text["{0} h", (milliseconds / 3_600_000).ToString("0.0", CultureInfo.InvariantCulture)],
        _ => text["{0} days", (milliseconds / 86_400_000).ToString("0.0", CultureInfo.InvariantCulture)],
    };
}
