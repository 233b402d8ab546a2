using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Workers.Messages;

/// <summary>Who speaks: ids of one source are no concern of the other.</summary>
public static class MessageSource
{
    /// <summary>A caller of the API.</summary>
    public const string Api = "api";

    /// <summary>An instance that threw it.</summary>
    public const string Thrown = "thrown";
}

/// <summary>A message to publish.</summary>
/// <param name="TenantId">The tenant, from a verified credential or a row of that tenant.</param>
/// <param name="Source">One of <see cref="MessageSource"/>.</param>
/// <param name="Id">The sender's id: taken once.</param>
/// <param name="Name">Message name in the diagram.</param>
/// <param name="CorrelationKey">Value of the receiver's correlation key.</param>
/// <param name="Variables">What it carries.</param>
/// <param name="TimeToLive">How long it is kept when nobody waits.</param>
/// <param name="By">In whose name the receiver takes it.</param>
/// <param name="Chain">The chain of an instance that it starts; null for a message from outside.</param>
public sealed record Message(string TenantId, string Source, string Id, string Name, string CorrelationKey, ImmutableDictionary<string, JsonElement> Variables, TimeSpan TimeToLive, Actor By,
    StartChain? Chain = null);

/// <summary>What became of a message.</summary>
public enum MessageFate
{
    /// <summary>Kept, or promised to an instance that has not taken it yet.</summary>
    Buffered,

    /// <summary>An instance took it, or it started one.</summary>
    Correlated,

    /// <summary>Nobody took it in its time.</summary>
    Unmatched,
}

/// <summary>The answer to a publisher.</summary>
/// <param name="Fate">What became of it.</param>
/// <param name="InstanceId">The instance that took it, or null.</param>
/// <param name="Refusal">Why it was not taken at all, or null.</param>
public sealed record Published(MessageFate Fate, Guid? InstanceId, Refusal? Refusal = null)
{
    internal static Published Refused(RefusalKind kind, string code, string detail) => new(MessageFate.Unmatched, null, new Refusal(kind, code, detail));
}

/// <summary>The start that a message makes where nobody waits for it.</summary>
internal sealed record MessageStart(Guid InstanceId, string VersionId, string ElementId, StartRollout? Rollout, StartChain? Chain);

/// <summary>A message as stored.</summary>
internal sealed record MessageRow(string TenantId, string Source, string Id, string Name, string CorrelationKey, byte[]? Variables, Actor By, string Status, Guid? InstanceId,
    string? SubscriptionId, string? StartVersion, string? StartElement, string? Detail, StartRollout? StartRollout, StartChain? StartChain);
