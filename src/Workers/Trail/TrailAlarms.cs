using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Trail;

/// <summary>Why a tenant's trail needs a person.</summary>
public enum TrailAlarm
{
    /// <summary>An event came into the log after the log had passed its number.</summary>
    LateEvent,

    /// <summary>An event's predecessor in its stream is neither in the log nor in the event table: it was removed before it was logged.</summary>
    MissingEvent,

    /// <summary>The log is shorter than what was published: the database was restored.</summary>
    Shortened,

    /// <summary>The log contradicts what was published: rows were changed, or two services sign.</summary>
    Contradicts,

    /// <summary>The second place cannot be read or written, or is empty though checkpoints were signed.</summary>
    SecondPlaceLost,

    /// <summary>The key file is not the one that signed before.</summary>
    KeyLost,

    /// <summary>A transaction held up the log for too long and was passed over.</summary>
    PassedOver,

    /// <summary>An event cannot be put into the log.</summary>
    Unloggable,
}

/// <summary>What the trail is alarmed about now, by tenant; also logged. Health and the console read it.</summary>
public sealed partial class TrailAlarms(ILogger<TrailAlarms> logger)
{
    private readonly ConcurrentDictionary<(string Tenant, TrailAlarm Alarm), string> _active = new();

    /// <summary>Alarms that stand, with their sentence.</summary>
    public IReadOnlyCollection<KeyValuePair<(string Tenant, TrailAlarm Alarm), string>> Active => [.. _active];

    /// <summary>Raises an alarm; the same sentence is logged once.</summary>
    /// <param name="tenant">The tenant, or empty for the whole service.</param>
    /// <param name="alarm">Kind.</param>
    /// <param name="sentence">What is wrong and what to do.</param>
    public void Raise(string tenant, TrailAlarm alarm, string sentence)
    {
        if (!_active.TryGetValue((tenant, alarm), out var before) || before != sentence)
            Raised(alarm, tenant, sentence);
        _active[(tenant, alarm)] = sentence;
    }

    /// <summary>Takes an alarm back.</summary>
    /// <param name="tenant">The tenant, or empty.</param>
    /// <param name="alarm">Kind.</param>
    public void Clear(string tenant, TrailAlarm alarm) => _active.TryRemove((tenant, alarm), out _);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Trail alarm {Alarm} for tenant {Tenant}: {Sentence}")]
    private partial void Raised(TrailAlarm alarm, string tenant, string sentence);
}
