using System.Collections.Immutable;
using Countersign.Domain;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>What the upload check found.</summary>
public sealed record DocumentInspection
{
    /// <summary>What the file is by its bytes.</summary>
    public required DocumentKind Kind { get; init; }

    /// <summary>The media type to store and serve it under; never the claimed one.</summary>
    public required string MediaType { get; init; }

    /// <summary>SHA-256 of the content, hex, lower case.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The file name without path, control and direction signs, at most 120 characters; fit for display and for a download header. Never used as a path.</summary>
    public required string FileName { get; init; }

    /// <summary>Number of pages of a PDF; 1 for an image, 0 for XML.</summary>
    public int Pages { get; init; }

    /// <summary>Why the file is not accepted, or null when it is.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>True when the content must be locked away and an incident raised: it is malware, not merely unfit.</summary>
    public bool Quarantine { get; init; }

    /// <summary>What a person should know of an accepted file: hidden text, scripts, metadata.</summary>
    public ImmutableArray<InvoiceCheck> Findings { get; init; } = [];
}
