using System.Security.Cryptography;
using System.Text;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Sealing;

namespace Countersign.Workers.Webhooks;

/// <summary>Signing secrets and bodies as they are stored: wrapped by the master key, bound to tenant and thing.</summary>
public sealed class WebhookSecrets(KeyRing ring)
{
    /// <summary>Draws a secret of 256 bits in the Standard Webhooks form.</summary>
    public static string Draw() => WebhookSignature.SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Seals a text.</summary>
    public string Seal(string text, string tenantId, Guid id) => Convert.ToBase64String(ring.Wrap(Encoding.UTF8.GetBytes(text), Context(tenantId, id)));

    /// <summary>Opens a text.</summary>
    public string Open(string text, string tenantId, Guid id) => Encoding.UTF8.GetString(ring.Unwrap(Convert.FromBase64String(text), Context(tenantId, id)));

    private static string Context(string tenantId, Guid id) => $"webhook\n{tenantId}\n{id:D}";
}
