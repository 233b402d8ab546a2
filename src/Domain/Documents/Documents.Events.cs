namespace Countersign.Domain.Documents;

/// <summary>A fact in the stream of one document.</summary>
public interface IDocumentEvent;

/// <summary>A document was stored.</summary>
/// <param name="DocumentId">The document.</param>
/// <param name="MediaType">Media type found by looking at the content.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Sha256">SHA-256 of the content as uploaded, lower-case hex.</param>
/// <param name="SealedSha256">SHA-256 of the bytes as stored, lower-case hex.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record DocumentStored(Guid DocumentId, string MediaType, long Size, string Sha256, string SealedSha256, string By, DateTimeOffset At) : IDocumentEvent;
