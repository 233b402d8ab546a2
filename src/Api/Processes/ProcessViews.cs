using System.Text;
using Countersign.Client.Processes;
using Countersign.Domain.Processes;
using Countersign.Projections.Processes;
using FindingSeverity = Countersign.Client.Processes.FindingSeverity;
using ProcessFinding = Countersign.Client.Processes.ProcessFinding;
using ProcessVersionState = Countersign.Client.Processes.ProcessVersionState;

namespace Countersign.Api.Processes;

internal static class ProcessViews
{
    /// <param name="starts">Timers of the process; those of another version are left out.</param>
    /// <param name="newest">Number of the process's newest version.</param>
    public static ProcessVersionView Of(ProcessVersion v, IEnumerable<Domain.Processes.ProcessFinding> findings, IEnumerable<ScheduledStart> starts, ProcessHead? head, int newest)
    {
        var status = ProcessHead.StatusOf(head, newest, v.Number);
        return new ProcessVersionView(v.Id, v.ProcessKey, v.Number, v.Name ?? v.ProcessKey, v.Hash, v.PublishedAt, v.PublishedBy, [.. findings.Select(Of)], [.. starts.Where(s => s.VersionId == v.Id).Select(Of)],
            Of(status), status == ProcessVersionStatus.Candidate ? Of(head) : null);
    }

    /// <summary>A version as its publication leaves it.</summary>
    public static ProcessVersionView Of(ProcessState s, Domain.Processes.ProcessVersionState v, IEnumerable<Domain.Processes.ProcessFinding> findings, IEnumerable<TimerStart> timers)
    {
        var id = ProcessVersion.IdOf(s.Key, v.Number);
        return new ProcessVersionView(id, s.Key, v.Number, v.Name, v.Hash, v.At, v.By, [.. findings.Select(Of)],
            v.Status == ProcessVersionStatus.InForce ? [.. timers.Select(t => Of(new ScheduledStart(s.Key, id, t, null, null, null)))] : [],
            Of(v.Status), v.Status == ProcessVersionStatus.Candidate ? Of(ProcessHead.Of(s, 0)) : null);
    }

    public static RolloutView? Of(ProcessHead? head) => head is { Candidate: { } candidate, Opened: { } opened }
        ? new RolloutView(candidate.Share, [.. candidate.Groups], opened.Since, opened.ChangedAt, opened.ChangedBy, opened.Reason)
        : null;

    /// <summary>Whom a request means; null where it says nothing.</summary>
    public static RolloutTarget? TargetOf(RolloutRequest? r) => r is null ? null : new RolloutTarget(r.Share, [.. r.Groups ?? []]);

    private static ProcessVersionState Of(ProcessVersionStatus status) => status switch
    {
        ProcessVersionStatus.InForce => ProcessVersionState.InForce,
        ProcessVersionStatus.Candidate => ProcessVersionState.Candidate,
        ProcessVersionStatus.Withdrawn => ProcessVersionState.Withdrawn,
        _ => ProcessVersionState.Replaced,
    };

    public static TimerStartView Of(ScheduledStart s) =>
        new(s.Start.ElementId, s.Start.Name, s.Start.Timer, s.Start.DueAt, s.Start.DueAt is null ? 0 : s.Start.Remaining is null ? 1 : s.Start.Remaining < 0 ? null : s.Start.Remaining, s.LastAt, s.LastInstanceId, s.Problem);

    public static ProcessFinding Of(Domain.Processes.ProcessFinding f) =>
        new(f.Rule, f.Severity == Domain.Processes.FindingSeverity.Error ? FindingSeverity.Error : FindingSeverity.Warning, f.ElementId, f.Sentence, f.Remedy, f.Line is > 0 ? f.Line : null);

    public static ProcessSourcesView Sources(ProcessVersion v) => new(v.Hash, Text(v.Files.First(f => IsBpmn(f))), [.. v.Files.Where(f => !IsBpmn(f)).Select(f => new ProcessResource(f.Name, Text(f)))]);

    private static bool IsBpmn(ProcessFile f) => string.Equals(f.Kind, "bpmn", StringComparison.OrdinalIgnoreCase);

    private static string Text(ProcessFile f) => Encoding.UTF8.GetString(f.Content.Span);
}
