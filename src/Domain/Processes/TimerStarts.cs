using System.Collections.Immutable;
using Countersign.Domain.Instances;

namespace Countersign.Domain.Processes;

/// <summary>When the timers of a process start it, counted from its publication.</summary>
public static class TimerStarts
{
    /// <summary>Steps that the expression of one timer may take.</summary>
    private const int Steps = 10_000;

    /// <summary>The timers of a version that becomes the newest now.</summary>
    /// <param name="graph">The version.</param>
    /// <param name="now">When it is published (UTC); FEEL's <c>now()</c>.</param>
    /// <param name="findings">Timers whose expression gives nothing usable: the version cannot be published.</param>
    public static ImmutableArray<TimerStart> Of(ProcessGraph graph, DateTimeOffset now, out ImmutableArray<ProcessFinding> findings)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var starts = ImmutableArray.CreateBuilder<TimerStart>();
        var wrong = ImmutableArray.CreateBuilder<ProcessFinding>();
        foreach (var node in graph.Triggers.Where(t => ElementKinds.IsTriggeredStart(t.Kind)))
        {
            foreach (var timer in node.AnyOf<TimerDetail>())
            {
                var place = starts.Count(s => s.ElementId == node.Id);
                if (Start(node, timer, now.ToUniversalTime(), out var start) is { } sentence)
                    wrong.Add(new ProcessFinding("timer.invalid", FindingSeverity.Error, node.Id, $"The timer '{node.Title}' cannot be used: {sentence}", "Correct it; outside an instance it knows no variables."));
                else if (place == 0 || starts.All(s => s.ElementId != node.Id || s.Timer != start!.Timer))
                    starts.Add(start!);
            }
        }

        findings = wrong.DrainToImmutable();
        return starts.DrainToImmutable();
    }

    private static string? Start(GraphNode node, TimerDetail timer, DateTimeOffset now, out TimerStart? start)
    {
        start = null;
        if (timer.Text.Evaluate(new VariableScope(InstanceState.None, InstanceState.RootScope), now, Steps, out var value, out _) is { } failure)
            return failure;
        if (TimerText.DueAt(timer.Kind, value, now, out var due) is { } wrong)
            return wrong;
        start = new TimerStart(node.Id, node.Title, value.GetString()!.Trim(), timer.Kind == TimerKind.Duration, due.At.ToUniversalTime(), due.Remaining, due.Interval);
        // A time that is over when the version is published starts nothing: whoever publishes today has not missed last year's date.
        if (start.DueAt <= now && !start.Restarts)
            start = start.After(now);
        return null;
    }
}
