using System.Globalization;

namespace Countersign.Domain.Instances;

/// <summary>Words that sentences about waiting share.</summary>
internal static class WaitText
{
    private const int LongestKey = 80;

    /// <summary>A time as people read it, always UTC: 3 Dec 2026 09:00 UTC; seconds only where there are some.</summary>
    public static string At(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        return utc.ToString(utc.Second == 0 ? "d MMM yyyy HH:mm 'UTC'" : "d MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
    }

    /// <summary>What a timer is waited for.</summary>
    public static string Until(TimerState timer, string title) => $"until {At(timer.DueAt)} for the timer '{title}'";

    /// <summary>What a subscription is waited for.</summary>
    /// <param name="s">The subscription.</param>
    /// <param name="isPersonal">Whether its key is personal: whoever reads why a case waits need not learn about whom it is.</param>
    public static string For(SubscriptionState s, bool isPersonal) => s.Kind switch
    {
        SubscriptionKind.Signal => $"for the signal '{s.MessageName}'",
        SubscriptionKind.Condition => "until its condition holds",
        _ when s.CorrelationKey.Length == 0 => $"for the message '{s.MessageName}'",
        _ when isPersonal => $"for the message '{s.MessageName}' with a personal key",
        _ => $"for the message '{s.MessageName}' with the key '{(s.CorrelationKey.Length <= LongestKey ? s.CorrelationKey : s.CorrelationKey[..LongestKey] + "…")}'",
    };
}
