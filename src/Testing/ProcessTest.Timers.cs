using System.Globalization;
using Countersign.Domain.Processes;

namespace Countersign.Testing;

/// <content>Processes that begin by a timer.</content>
public sealed partial class ProcessTest
{
    private readonly List<ScheduledStart> _scheduled = [];

    /// <summary>
    /// From now on the newest version of a process starts by its timers, as if it were published now. Unless this is asked for, an instance starts only by
    /// <see cref="Start"/>, a message or a signal. A cycle without end never lets <see cref="RunToEnd"/> end: let time pass with <see cref="AdvanceBy"/>.
    /// </summary>
    /// <param name="process">Key of the process; null means the first of the test.</param>
    /// <returns>The same test.</returns>
    /// <exception cref="ProcessTestException">There is no such process, it does not begin by a timer, or the timer cannot be used.</exception>
    public ProcessTest StartingByTimers(string? process = null)
    {
        var known = process is null ? _processes[0] : Newest(process) ?? throw new ProcessTestException($"There is no process '{process}' in this test. Add it with And.");
        var starts = TimerStarts.Of(known.Graph, Now, out var wrong);
        if (!wrong.IsEmpty)
            throw new ProcessTestException($"{wrong[0].Sentence} {wrong[0].Remedy}");
        if (starts.IsEmpty)
            throw new ProcessTestException($"{Quoted(known.Graph)} has no timer start event. Start it with Start, or draw one.");
        _scheduled.AddRange(starts.Select(s => new ScheduledStart(known, s)));
        return this;
    }

    private IEnumerable<Move> StartMoves()
    {
        for (var i = 0; i < _scheduled.Count; i++)
        {
            var (at, place) = (_scheduled[i].Timer.DueAt, i);
            if (at is { } due)
                yield return new Move(due, 4, place, () => StartBy(place, due));
        }
    }

    private TestStep StartBy(int place, DateTimeOffset due)
    {
        var (process, timer) = _scheduled[place];
        _scheduled[place] = new ScheduledStart(process, timer.After(Now));
        return StartBy(process, process.Graph.Node(timer.ElementId)!, $"timer {timer.ElementId} {due.ToString("O", CultureInfo.InvariantCulture)}", System.Collections.Immutable.ImmutableDictionary<string, System.Text.Json.JsonElement>.Empty, $"The timer '{timer.Name}'");
    }

    private sealed record ScheduledStart(KnownProcess Process, TimerStart Timer);
}
