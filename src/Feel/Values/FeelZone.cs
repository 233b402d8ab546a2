using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Countersign.Feel.Values;

/// <summary>A fixed offset from UTC or a zone of the IANA time zone database.</summary>
public sealed class FeelZone : IEquatable<FeelZone>
{
    /// <summary>Coordinated universal time.</summary>
    public static readonly FeelZone Utc = new(0, null, null);

    private const int LargestOffset = 14 * 3600;

    private readonly int _offset;
    private readonly TimeZoneInfo? _rules;

    private FeelZone(int offset, string? name, TimeZoneInfo? rules)
    {
        _offset = offset;
        Name = name;
        _rules = rules;
    }

    /// <summary>The name in the IANA database; null for a fixed offset.</summary>
    public string? Name { get; }

    /// <summary>A fixed offset in seconds east of UTC; null when beyond 14 hours.</summary>
    public static FeelZone? FromOffset(long seconds)
    {
        if (seconds == 0)
            return Utc;
        return Math.Abs(seconds) <= LargestOffset ? new FeelZone((int)seconds, null, null) : null;
    }

    /// <summary>Reads <c>Z</c>, <c>+05:30</c>, <c>-03:00:15</c> or <c>@Europe/Paris</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out FeelZone? zone)
    {
        zone = null;
        if (text is "Z" or "z")
        {
            zone = Utc;
            return true;
        }
        if (text.Length > 1 && text[0] == '@')
            return TryNamed(text[1..].ToString(), out zone);
        if (text.Length is not (6 or 9) || text[0] is not ('+' or '-') || text[3] != ':' || (text.Length == 9 && text[6] != ':'))
            return false;
        long seconds = 0;
        if (!FeelDate.TryDigits(text.Slice(1, 2), out var hours) || !FeelDate.TryDigits(text.Slice(4, 2), out var minutes)
            || (text.Length == 9 && !FeelDate.TryDigits(text.Slice(7, 2), out seconds)) || minutes > 59 || seconds > 59)
            return false;
        var total = (hours * 3600) + (minutes * 60) + seconds;
        zone = FromOffset(text[0] == '-' ? -total : total);
        return zone is not null;
    }

    /// <summary>The offset in seconds at a local date and time; null for a named zone without a date.</summary>
    public int? OffsetAt(FeelDate? date, long secondOfDay)
    {
        if (_rules is null)
            return _offset;
        if (date is null)
            return null;
        // Years beyond the rules' calendar use the rules of its first or last year.
        var year = Math.Clamp(date.Year, 2, 9998);
        var day = Math.Min(date.Day, FeelDate.DaysIn(year, date.Month));
        var local = new DateTime(year, date.Month, day, 0, 0, 0, DateTimeKind.Unspecified).AddSeconds(secondOfDay);
        if (_rules.IsInvalidTime(local))
            return (int)_rules.GetUtcOffset(local.AddHours(-1)).TotalSeconds;
        return _rules.IsAmbiguousTime(local)
            ? (int)_rules.GetAmbiguousTimeOffsets(local).Max().TotalSeconds
            : (int)_rules.GetUtcOffset(local).TotalSeconds;
    }

    /// <summary>The offset in seconds at a moment, given in seconds since 1970-01-01 UTC.</summary>
    internal int OffsetAtInstant(long epochSecond)
    {
        if (_rules is null)
            return _offset;
        const long First = -62_000_000_000, Last = 253_000_000_000;
        var moment = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(epochSecond, First, Last));
        return (int)_rules.GetUtcOffset(moment).TotalSeconds;
    }

    internal string Format()
    {
        if (Name is not null)
            return "@" + Name;
        return _offset == 0 ? "Z" : FormatOffset(_offset);
    }

    internal static string FormatOffset(int offset)
    {
        var size = Math.Abs(offset);
        var text = string.Create(CultureInfo.InvariantCulture, $"{(offset < 0 ? '-' : '+')}{size / 3600:00}:{size / 60 % 60:00}");
        return size % 60 == 0 ? text : text + string.Create(CultureInfo.InvariantCulture, $":{size % 60:00}");
    }

    /// <inheritdoc />
    public bool Equals(FeelZone? other) => other is not null && other._offset == _offset && string.Equals(other.Name, Name, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as FeelZone);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_offset, Name);

    private static bool TryNamed(string name, [NotNullWhen(true)] out FeelZone? zone)
    {
        zone = null;
        // Only names of the database's form: the lookup must never see a path.
        if (name.Length > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '+' or '-') || !char.IsAsciiLetter(name[0]))
            return false;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var rules))
            return false;
        zone = new FeelZone(0, name, rules);
        return true;
    }
}
