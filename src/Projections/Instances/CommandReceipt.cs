using System.Security.Cryptography;
using System.Text;

namespace Countersign.Projections.Instances;

/// <summary>What was answered under an idempotency key; written in the command's own transaction.</summary>
/// <param name="Id">Digest of credential and key (<see cref="IdOf"/>).</param>
/// <param name="BodyHash">Digest of the request, by which another request under the same key is told.</param>
/// <param name="Response">The answer, replayed as it was.</param>
/// <param name="InstanceId">The instance acted on.</param>
/// <param name="At">When (UTC, the command's time).</param>
public sealed record CommandReceipt(string Id, string BodyHash, StoredResponse Response, Guid InstanceId, DateTimeOffset At)
{
    /// <summary>Id of the receipt of a key under a credential; keys of others are independent.</summary>
    public static string IdOf(string credentialId, string key)
    {
        ArgumentNullException.ThrowIfNull(credentialId);
        ArgumentNullException.ThrowIfNull(key);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{credentialId.Length}:{credentialId}{key}")));
    }
}

/// <summary>An answer as stored.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Media type, or null without a body.</param>
/// <param name="Body">Body, or null.</param>
/// <param name="Location">Location header, or null.</param>
/// <param name="ETag">ETag header, or null.</param>
public sealed record StoredResponse(int Status, string? ContentType, string? Body, string? Location = null, string? ETag = null);
