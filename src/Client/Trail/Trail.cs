using System.Text.Json;

namespace Countersign.Client.Trail;

/// <summary>A signed checkpoint of the tenant's log.</summary>
/// <param name="Origin">Name of the log.</param>
/// <param name="Size">Number of leaves.</param>
/// <param name="RootHash">Root hash, base64.</param>
/// <param name="Note">The signed note (C2SP checkpoint format), text.</param>
/// <param name="At">When it was signed (UTC).</param>
public sealed record CheckpointView(string Origin, long Size, string RootHash, string Note, DateTimeOffset At);

/// <summary>One leaf of the log.</summary>
/// <param name="Index">Position in the log, from 0.</param>
/// <param name="LeafHash">Leaf hash (RFC 6962), base64.</param>
/// <param name="Record">The record behind the leaf.</param>
public sealed record TrailEntry(long Index, string LeafHash, JsonElement Record);

/// <summary>Proof that a leaf is in the tree of a checkpoint.</summary>
/// <param name="Size">Tree size it is made for.</param>
/// <param name="LeafHash">Leaf hash, base64.</param>
/// <param name="RootHash">Root hash, base64.</param>
/// <param name="Hashes">Audit path from the leaf up, base64.</param>
public sealed record InclusionProof(long Index, long Size, string LeafHash, string RootHash, IReadOnlyList<string> Hashes);

/// <summary>Proof that one tree is a prefix of another.</summary>
/// <param name="Hashes">Consistency path, base64.</param>
public sealed record ConsistencyProof(long First, long Second, IReadOnlyList<string> Hashes);

/// <summary>A key that signs checkpoints.</summary>
/// <param name="Name">Key name as in the note.</param>
/// <param name="Key">Verifier key in the signed-note format.</param>
public sealed record TrailKey(string Name, string Key, DateTimeOffset From, DateTimeOffset? To);
