namespace Countersign.Domain.Processes;

/// <summary>A fact in the stream of one process definition (one stream a key).</summary>
public interface IProcessEvent;

/// <summary>A version was published. Its sources lie beside the stream, by version; the hash is over them.</summary>
/// <param name="Key">Process key.</param>
/// <param name="Version">Number, from 1, without gaps.</param>
/// <param name="Name">Title for people.</param>
/// <param name="Hash">Lower-case hex SHA-256 over the sources.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ProcessPublished(string Key, int Version, string Name, string Hash, string By, DateTimeOffset At) : IProcessEvent;

/// <summary>State of a process definition, folded from its events.</summary>
public sealed record ProcessState(string Key, int Version, string Name, string Hash)
{
    /// <summary>Folds one event; never throws.</summary>
    public static ProcessState? Evolve(ProcessState? state, IProcessEvent @event) =>
        @event is ProcessPublished e ? new ProcessState(e.Key, e.Version, e.Name, e.Hash) : state;
}
