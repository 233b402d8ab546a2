using System.Security.Cryptography;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Names the readers, with a digest that changes whenever their code or their calibration changes.</summary>
internal static class ReaderIdentities
{
    private static readonly string Version = typeof(ReaderIdentities).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    // Builds are deterministic, so the module version id is a hash of the code.
    private static readonly string Code = typeof(ReaderIdentities).Module.ModuleVersionId.ToString("N");

    /// <summary>The reader of structured data.</summary>
    public static ReaderIdentity Xml { get; } = new("countersign-einvoice", Version, Digest([]));

    /// <summary>The reader of pages with the given calibration table.</summary>
    public static ReaderIdentity Page(ReadOnlySpan<byte> calibration) => new("countersign-page", Version, Digest(calibration));

    /// <summary>Digest over the code and the given data.</summary>
    public static string Digest(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.ASCII.GetBytes(Code));
        hash.AppendData(data);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
