using System.Text.Json;

namespace Countersign.Client.Messages;

/// <summary>Publishes a message that is correlated to at most one waiting instance.</summary>
/// <param name="Name">Message name in the diagram.</param>
/// <param name="CorrelationKey">Value of the receiving instance's correlation key.</param>
/// <param name="Variables">Variables the receiver gets; none when null.</param>
/// <param name="TimeToLiveSeconds">How long it is kept when nobody waits yet, 0 to 604,800; 3,600 when null.</param>
/// <param name="MessageId">The sender's own id: the same id is taken once. Made by the service when null.</param>
public sealed record PublishMessageRequest(string Name, string CorrelationKey, IReadOnlyDictionary<string, JsonElement>? Variables = null,
    int? TimeToLiveSeconds = null, string? MessageId = null);

/// <summary>What became of a message.</summary>
public enum MessageStatus
{
    /// <summary>An instance took it.</summary>
    Correlated,

    /// <summary>Nobody waits yet; kept until its time is over.</summary>
    Buffered,

    /// <summary>Nobody waits, and it was not to be kept.</summary>
    Unmatched,
}

/// <summary>A published message.</summary>
/// <param name="InstanceId">The instance that took it, or null.</param>
public sealed record MessageView(string Id, string Name, MessageStatus Status, Guid? InstanceId);
