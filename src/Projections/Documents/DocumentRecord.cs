using System.Collections.Immutable;

namespace Countersign.Projections.Documents;

/// <summary>A stored document's description, written in the transaction of its events. The bytes lie in the blob store under <see cref="BlobKey"/>.</summary>
/// <param name="Id">The document.</param>
/// <param name="Sha256">SHA-256 of the content as uploaded, lower-case hex.</param>
/// <param name="BlobKey">Where the sealed bytes are.</param>
public sealed record DocumentRecord(Guid Id, string Name, string MediaType, long Size, string Sha256, string BlobKey, ImmutableArray<PageSize> Pages,
    DateTimeOffset UploadedAt, string UploadedBy);

/// <summary>Size of a page in points.</summary>
public sealed record PageSize(int Number, double Width, double Height);
