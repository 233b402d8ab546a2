using Countersign.Client.Instances;

namespace Countersign.Console.Instances;

/// <summary>One stop on the drawn line of an instance.</summary>
internal sealed record TimelineStep(string ElementId, string Name, DateTimeOffset? At, string State)
{
    /// <summary>The places an instance went through, in order, the current ones marked.</summary>
    public static List<TimelineStep> Of(IReadOnlyList<HistoryEntry> history, InstanceView instance, IReadOnlyDictionary<string, string> names)
    {
        var stuck = instance.WaitingFor.Where(w => w.Kind == WaitKind.Incident).Select(w => w.ElementId).ToHashSet(StringComparer.Ordinal);
        var active = instance.ActiveElementIds.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. history.Where(h => h.ElementId is not null && (names.Count == 0 || names.ContainsKey(h.ElementId)))
                .GroupBy(h => h.ElementId!, StringComparer.Ordinal)
                .Select(g => new TimelineStep(g.Key, names.GetValueOrDefault(g.Key, g.Key), g.First().At, stuck.Contains(g.Key) ? "stuck" : active.Contains(g.Key) ? "now" : "done")),
        ];
    }
}
