using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;

namespace Countersign.Workers.Instances;

/// <summary>What became of a command. When a caller has it, what it says is durable.</summary>
/// <param name="Outcome">Facts, a refusal, or nothing.</param>
/// <param name="State">The instance after the command (opened), or null where there is none.</param>
/// <param name="Version">Version of the instance's stream; 0 where there is none.</param>
/// <param name="Response">What is stored under the idempotency key; null without one, and when the key itself is refused.</param>
/// <param name="Replayed">True when <paramref name="Response"/> was stored by an earlier call and nothing was done now.</param>
public sealed record CommandResult(Outcome Outcome, InstanceState? State, long Version, StoredResponse? Response = null, bool Replayed = false)
{
    /// <summary>The same for the instance in which this one goes on, where the command came late; then nothing was done here.</summary>
    internal InstanceCommand? Forwarded { get; init; }

    /// <summary>The refusal, or null.</summary>
    public Refusal? Refusal => (Outcome as Outcome.Refused)?.Refusal;
}

/// <summary>The idempotency key of a call, and how its answer is written down.</summary>
/// <param name="CredentialId">The credential that the key belongs to.</param>
/// <param name="Key">The key, 1 to 255 characters.</param>
/// <param name="BodyHash">Digest of method, path and body.</param>
/// <param name="Respond">Makes the answer that is stored and sent; pure, called before the commit.</param>
public sealed record IdempotentCall(string CredentialId, string Key, string BodyHash, Func<CommandResult, StoredResponse> Respond)
{
    /// <summary>Version of the instance that the caller has read, or null when it does not matter.</summary>
    public long? ExpectedVersion { get; init; }
}
