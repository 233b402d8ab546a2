using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Domain.Trail;

/// <summary>What a bundle says of itself. Its hash is signed; all else in the bundle is hashed in it.</summary>
/// <param name="Format">Always <see cref="BundleFormat.Name"/>.</param>
/// <param name="Export">Id of the export.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Created">When it was made, by the exporter's clock.</param>
/// <param name="RequestedBy">Who asked for it.</param>
/// <param name="Selection">Which events' contents are in it.</param>
/// <param name="Epochs">The ranges of leaves, ascending by epoch; at least one.</param>
/// <param name="Contents">Number of lines in the file of contents.</param>
/// <param name="Withheld">How many of those lines say that the content is withheld.</param>
/// <param name="Files">Every file but the manifest and its note, in the order of writing.</param>
public sealed record BundleManifest(
    [property: JsonRequired] string Format,
    [property: JsonRequired] string Export,
    [property: JsonRequired] string Tenant,
    [property: JsonRequired] DateTimeOffset Created,
    [property: JsonRequired] string RequestedBy,
    [property: JsonRequired] BundleSelection Selection,
    [property: JsonRequired] IReadOnlyList<BundleEpoch> Epochs,
    [property: JsonRequired] long Contents,
    [property: JsonRequired] long Withheld,
    [property: JsonRequired] IReadOnlyList<ManifestFile> Files)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The manifest as UTF-8 JSON.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a manifest; unknown and repeated members are refused.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="problem">What is wrong, or null.</param>
    public static BundleManifest? Read(ReadOnlySpan<byte> bytes, out string? problem)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<BundleManifest>(bytes, Json);
            problem = manifest is null ? "it is null" : null;
            return manifest;
        }
        catch (JsonException e)
        {
            problem = e.Message;
            return null;
        }
    }
}

/// <summary>Which events' contents a bundle holds: those that meet every condition that is given.</summary>
/// <param name="Kind">What was asked for: everything, period, instance or another word for people.</param>
public sealed record BundleSelection([property: JsonRequired] string Kind)
{
    /// <summary>Streams; null for any.</summary>
    public IReadOnlyList<string>? Streams { get; init; }

    /// <summary>Event types; null for any.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Server times from this on; null for any.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Server times before this; null for any.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Whether the contents of an event belong into the bundle.</summary>
    /// <param name="leaf">The event's record.</param>
    public bool Covers(EventLeaf leaf) =>
        (From is null || leaf.Time >= From) && (To is null || leaf.Time < To)
        && (Streams is null || Streams.Contains(leaf.Stream, StringComparer.Ordinal))
        && (Types is null || Types.Contains(leaf.Type, StringComparer.Ordinal));
}

/// <summary>The range of one epoch's leaves that a bundle holds.</summary>
/// <param name="Epoch">Epoch from 1.</param>
/// <param name="Origin">Origin of its log.</param>
/// <param name="First">First leaf; a checkpoint stands at this size unless it is 0.</param>
/// <param name="End">Leaf after the last; a checkpoint stands at this size, or the next epoch's statement closes it here.</param>
/// <param name="Root">Root hash at <paramref name="End"/>, base64.</param>
public sealed record BundleEpoch(
    [property: JsonRequired] int Epoch,
    [property: JsonRequired] string Origin,
    [property: JsonRequired] long First,
    [property: JsonRequired] long End,
    [property: JsonRequired] string Root);

/// <summary>A file of the bundle.</summary>
/// <param name="Name">Path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256, lower-case hexadecimal.</param>
public sealed record ManifestFile(
    [property: JsonRequired] string Name, [property: JsonRequired] long Size, [property: JsonRequired] string Sha256);
