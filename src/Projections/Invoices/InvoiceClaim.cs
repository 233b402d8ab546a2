using System.Security.Cryptography;
using System.Text;

namespace Countersign.Projections.Invoices;

/// <summary>Which instance handles an invoice number of a vendor: the first one that came. Never changed, never deleted.</summary>
/// <param name="Id">Digest of vendor and number.</param>
/// <param name="InstanceId">The instance that came first.</param>
public sealed record InvoiceClaim(string Id, Guid InstanceId)
{
    /// <summary>Id of a claim. Numbers are compared without blanks, dots, hyphens and case, as people who send an invoice twice write them.</summary>
    public static string IdOf(string vendor, string number)
    {
        ArgumentNullException.ThrowIfNull(number);
        var folded = string.Concat(number.Where(char.IsLetterOrDigit)).ToUpperInvariant();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{vendor}\n{folded}")));
    }
}
