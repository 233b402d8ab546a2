using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Countersign.Domain.Webhooks;

/// <summary>Types of webhook events: those the service sends by itself, and what a subscription means.</summary>
public static partial class WebhookTypes
{
    /// <summary>Sent to the other endpoints when one is switched off.</summary>
    public const string Disabled = "webhook.disabled";

    /// <summary>Facts of instances that are sent as they happen, named as in the trail.</summary>
    public static FrozenSet<string> Lifecycle { get; } = FrozenSet.Create(StringComparer.Ordinal,
        "instance.started", "instance.completed", "instance.cancelled", "instance.suspended", "instance.resumed", "instance.migrated", "instance.limit_neared", "instance.continued",
        "task.created", "task.completed", "task.cancelled", "decision.recorded", "decision.reviewed", "incident.raised", "incident.resolved");

    /// <summary>Whether the service alone sends events of a type; a process may not.</summary>
    /// <param name="type">Type such as <c>instance.completed</c>.</param>
    public static bool IsReserved(string type) => type == Disabled || Lifecycle.Contains(type);

    /// <summary>Whether a text may stand in a subscription: a type, all types of one noun (<c>task.*</c>), or <c>*</c>.</summary>
    /// <param name="subscription">The text.</param>
    public static bool IsSubscription(string subscription) => subscription == "*" || Pattern().IsMatch(subscription);

    /// <summary>Whether subscriptions include a type.</summary>
    /// <param name="subscriptions">What an endpoint subscribed to.</param>
    /// <param name="type">Type such as <c>invoice.booked</c>.</param>
    public static bool Include(ImmutableArray<string> subscriptions, string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        foreach (var subscription in subscriptions)
        {
            if (subscription == "*" || subscription == type || (subscription.EndsWith(".*", StringComparison.Ordinal) && type.StartsWith(subscription[..^1], StringComparison.Ordinal)))
                return true;
        }

        return false;
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,3}\.(?:[a-z][a-z0-9_]*|\*)\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
