using System.Text;
using Countersign.Client.Processes;
using Countersign.Projections.Processes;
using FindingSeverity = Countersign.Client.Processes.FindingSeverity;
using ProcessFinding = Countersign.Client.Processes.ProcessFinding;

namespace Countersign.Api.Processes;

internal static class ProcessViews
{
    /// <param name="starts">Timers of the process; those of another version are left out.</param>
    public static ProcessVersionView Of(ProcessVersion v, IEnumerable<Domain.Processes.ProcessFinding> findings, IEnumerable<ScheduledStart> starts) =>
        new(v.Id, v.ProcessKey, v.Number, v.Name ?? v.ProcessKey, v.Hash, v.PublishedAt, v.PublishedBy, [.. findings.Select(Of)], [.. starts.Where(s => s.VersionId == v.Id).Select(Of)]);

    public static TimerStartView Of(ScheduledStart s) =>
        new(s.Start.ElementId, s.Start.Name, s.Start.Timer, s.Start.DueAt, s.Start.DueAt is null ? 0 : s.Start.Remaining is null ? 1 : s.Start.Remaining < 0 ? null : s.Start.Remaining, s.LastAt, s.LastInstanceId, s.Problem);

    public static ProcessFinding Of(Domain.Processes.ProcessFinding f) =>
        new(f.Rule, f.Severity == Domain.Processes.FindingSeverity.Error ? FindingSeverity.Error : FindingSeverity.Warning, f.ElementId, f.Sentence, f.Remedy, f.Line is > 0 ? f.Line : null);

    public static ProcessSourcesView Sources(ProcessVersion v) => new(v.Hash, Text(v.Files.First(f => IsBpmn(f))), [.. v.Files.Where(f => !IsBpmn(f)).Select(f => new ProcessResource(f.Name, Text(f)))]);

    private static bool IsBpmn(ProcessFile f) => string.Equals(f.Kind, "bpmn", StringComparison.OrdinalIgnoreCase);

    private static string Text(ProcessFile f) => Encoding.UTF8.GetString(f.Content.Span);
}
