using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Countersign.Api.Http;

/// <summary>An enum value in a query, in its lower-snake form only.</summary>
/// <typeparam name="T">The enum.</typeparam>
/// <param name="Value">The value.</param>
internal readonly record struct Wire<T>(T Value)
    where T : struct, Enum
{
    public static bool TryParse(string? text, IFormatProvider? provider, out Wire<T> result)
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()) == text)
            {
                result = new Wire<T>(value);
                return true;
            }
        }

        result = default;
        return false;
    }
}

/// <summary>A time in a query, in the RFC 3339 form only.</summary>
/// <param name="Value">The time, UTC.</param>
internal readonly partial record struct Instant(DateTimeOffset Value)
{
    public static bool TryParse(string? text, IFormatProvider? provider, out Instant result)
    {
        result = default;
        if (text is null || !Form().IsMatch(text) || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value))
            return false;
        result = new Instant(value.ToUniversalTime());
        return true;
    }

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?(?:Z|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}

/// <summary>A month in a query, <c>2026-11</c>.</summary>
/// <param name="First">Its first day.</param>
internal readonly record struct Month(DateOnly First)
{
    public static bool TryParse(string? text, IFormatProvider? provider, out Month result)
    {
        var right = DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first);
        result = new Month(first);
        return right;
    }
}

/// <summary>A key in a path or a query: process, policy, table or group.</summary>
/// <param name="Value">The key.</param>
internal readonly partial record struct KeyText(string Value)
{
    public static bool TryParse(string? text, IFormatProvider? provider, out KeyText result)
    {
        result = new KeyText(text ?? "");
        return text is not null && Form().IsMatch(text);
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
