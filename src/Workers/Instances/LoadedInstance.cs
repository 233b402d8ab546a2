using Countersign.Domain.Instances;

namespace Countersign.Workers.Instances;

/// <summary>
/// An instance as of a version of its stream, in two forms that are folded side by side: opened, for deciding, and sealed as
/// stored, for rows and snapshots. They are the same object where nothing is sealed.
/// </summary>
/// <param name="Opened">State with personal fields open; null when there is no such instance.</param>
/// <param name="Sealed">State with personal fields sealed.</param>
/// <param name="Version">Version of the stream.</param>
/// <param name="SnapshotVersion">Version of the newest stored snapshot; 0 without one.</param>
/// <param name="Bytes">Size of the stored facts up to the version, as UTF-8 JSON.</param>
internal sealed record LoadedInstance(InstanceState? Opened, InstanceState? Sealed, long Version, long SnapshotVersion, long Bytes)
{
    public static LoadedInstance None { get; } = new(null, null, 0, 0, 0);

    /// <summary>Folds one stored fact.</summary>
    public LoadedInstance With(IInstanceEvent opened, IInstanceEvent stored)
    {
        // One fold serves both as long as neither the state nor the fact has a sealed field.
        var after = InstanceState.Evolve(Opened, opened);
        var same = ReferenceEquals(Opened, Sealed) && ReferenceEquals(opened, stored);
        return this with { Opened = after, Sealed = same ? after : InstanceState.Evolve(Sealed, stored), Version = Version + 1 };
    }
}
