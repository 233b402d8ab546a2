using System.Text.Json;

namespace Countersign.Projections.Instances;

/// <summary>
/// An instance's state as of a version of its stream, so that a long stream need not be replayed. Never trusted by itself: an
/// unknown fingerprint or graph is ignored, and what the stream has beyond it is loaded.
/// </summary>
/// <param name="Id">The instance id.</param>
/// <param name="StreamVersion">Version of the stream that the state includes.</param>
/// <param name="GraphHash">Hash of the process version it was made under.</param>
/// <param name="Fingerprint">Digest of the state's shape.</param>
/// <param name="State">The state with personal fields sealed.</param>
/// <param name="Bytes">Size of the facts that the state includes, as UTF-8 JSON; 0 in snapshots of before it was counted.</param>
public sealed record InstanceSnapshot(string Id, long StreamVersion, string GraphHash, string Fingerprint, JsonElement State, long Bytes = 0);
