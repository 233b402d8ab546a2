using System.Text.Json;
using Countersign.Domain.Trail;

namespace Countersign.Workers.Trail.Exports;

/// <summary>What an export shall hold.</summary>
/// <param name="Id">Id of the export.</param>
/// <param name="Tenant">The tenant, from the verified credential.</param>
/// <param name="RequestedBy">Member id of who asked.</param>
/// <param name="Selection">Which events' contents.</param>
public sealed record ExportRequest(string Id, string Tenant, string RequestedBy, BundleSelection Selection);

/// <summary>How far an export is.</summary>
/// <param name="Step">What it is doing, for people.</param>
/// <param name="Fraction">0 to 1.</param>
public sealed record ExportProgress(string Step, double Fraction);

/// <summary>What an export cannot know by itself: stored documents, and what sealed fields say to this reader.</summary>
public interface IExportContents
{
    /// <summary>Opens a document as it was uploaded, or gives null when it is erased or unknown.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="sha256">SHA-256 of the content, lower-case hexadecimal.</param>
    /// <param name="cancel">Gives up.</param>
    Task<Stream?> OpenDocument(string tenant, string sha256, CancellationToken cancel);

    /// <summary>Opens sealed fields for reading in a dossier; a field that cannot be opened stays sealed or becomes null.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="stream">Stream of the event.</param>
    /// <param name="data">The event's data.</param>
    /// <param name="cancel">Gives up.</param>
    Task<JsonElement> OpenFields(string tenant, string stream, JsonElement data, CancellationToken cancel);
}

/// <summary>Nothing is opened: documents are left out and sealed fields are shown as sealed.</summary>
public sealed class SealedContents : IExportContents
{
    /// <inheritdoc/>
    public Task<Stream?> OpenDocument(string tenant, string sha256, CancellationToken cancel) => Task.FromResult<Stream?>(null);

    /// <inheritdoc/>
    public Task<JsonElement> OpenFields(string tenant, string stream, JsonElement data, CancellationToken cancel) => Task.FromResult(data);
}

/// <summary>An export that cannot be made, with what to do.</summary>
public sealed class ExportException(string message) : Exception(message);
