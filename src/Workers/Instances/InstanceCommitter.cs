using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Jobs;
using Countersign.Workers.Telemetry;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Countersign.Workers.Instances;

/// <summary>Writes what a batch decided in one transaction: facts, rows, receipts, snapshots and messages of many tenants.</summary>
internal sealed class InstanceCommitter(IDocumentStore store, IWolverineRuntime runtime, FieldSealer sealer, BornAttempts attempts, RunnerStatistics statistics, RunnerOptions options)
{
    /// <summary>Prefix of job types that are carried out in this process.</summary>
    private const string BuiltIn = "countersign:";

    public async Task Commit(IReadOnlyList<InstanceChange> changes, List<(InstanceKey Key, LoadedInstance State)> leaving, DateTimeOffset now, Func<string, Task>? fault, CancellationToken cancellation)
    {
        await Seal(changes, cancellation);
        var written = changes.Where(c => c.Facts.Count > 0 || c.Receipts.Count > 0).ToArray();
        if (written.Length == 0)
            return;
        var born = new List<BornAttempt>();
        try
        {
            await Write(written, leaving, now, born, fault, cancellation);
        }
        catch (Exception error)
        {
            attempts.Failed(born, InstanceWriter.IsBroken(error));
            throw;
        }

        await attempts.Begin(born);
        statistics.Committed();
        foreach (var change in written)
        {
            foreach (var (fact, _) in change.Facts)
                Instruments.Happened(change.Key.TenantId, change.After?.Opened ?? change.Opened, fact);
        }
    }

    private async Task Write(InstanceChange[] written, List<(InstanceKey Key, LoadedInstance State)> leaving, DateTimeOffset now, List<BornAttempt> born, Func<string, Task>? fault, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession(written[0].Key.TenantId);
        if (fault is not null)
            session.Listeners.Add(new FaultListener(fault));
        var notices = new HashSet<(string Channel, string Text)>();
        var ended = new List<(string TenantId, string JobId)>();
        MartenOutbox? outbox = null;
        var append = new FactAppend(store.Options.Serializer());
        foreach (var change in written.Where(c => c.Facts.Count > 0))
            change.After = change.After! with { Bytes = change.Before.Bytes + append.Add(change) };
        // First, because it locks the streams in one order: whoever loses a race has touched nothing else by then.
        append.Queue(session);
        foreach (var change in written)
        {
            var operations = session.ForTenant(change.Key.TenantId);
            operations.Insert<CommandReceipt>(change.Receipts);
            if (change.Facts.Count > 0)
                outbox = await Rows(session, operations, change, now, outbox, notices, born, ended);
        }

        Leases(session, born, ended);
        Snapshots(session, leaving);
        leaving.Clear();
        if (notices.Count > 0)
            session.QueueSqlCommand($"call {FactTables.Wake}(?, ?)", notices.Select(n => n.Channel).ToArray(), notices.Select(n => n.Text).ToArray());
        if (fault is not null)
            await fault("before-commit");
        await session.SaveChangesAsync(cancellation);
    }

    private async Task Seal(IReadOnlyList<InstanceChange> changes, CancellationToken cancellation)
    {
        var fields = changes.Where(c => c.Facts.Count > 0).Select(c => (Change: c, Personal: PersonalFields.Of(c.Graph!))).ToArray();
        var subjects = fields.Where(f => f.Personal is not null)
            .SelectMany(f => f.Personal!.Subjects(f.Change.Opened, f.Change.Key.InstanceId).Select(s => (f.Change.Key.TenantId, s))).ToArray();
        var keys = subjects.Length == 0 ? new SubjectKeys() : await sealer.EnsureKeys(subjects, cancellation);
        foreach (var (change, personal) in fields)
        {
            var state = change.Before;
            var texts = personal?.TextsIn(change.Before.Opened, change.Opened, change.Facts.Select(f => f.Fact));
            for (var i = 0; i < change.Facts.Count; i++)
            {
                var (fact, by) = change.Facts[i];
                var stored = personal?.Seal(fact, change.Opened, change.Key.TenantId, change.Key.InstanceId, texts!, keys) ?? fact;
                state = state.With(fact, stored);
                change.Facts[i] = (stored, by);
            }

            change.After = state;
        }
    }

    private async Task<MartenOutbox?> Rows(IDocumentSession session, ITenantOperations operations, InstanceChange change, DateTimeOffset now, MartenOutbox? outbox, HashSet<(string, string)> notices,
        List<BornAttempt> born, List<(string, string)> ended)
    {
        var after = change.After!;
        var rows = InstanceRows.Between(change.Before.Sealed, after.Sealed!);
        // The last command that added facts is the one that made its attempts due.
        var by = change.Facts[^1].By;
        if (rows.Upserts.Length > 0)
            operations.StoreObjects(rows.Upserts.Where(r => r is not BusinessKeyRow).Select(r => r is JobRow job ? job with { TraceParent = by.Span?.Id } : r));
        // The fence between two nodes: the second start of one key fails here, is decided again and then sees the holder.
        // The key of an instance that goes on in a successor is never free in between: its row is given the other holder.
        if (change.TakesOver)
            operations.Store(rows.Upserts.OfType<BusinessKeyRow>().ToArray());
        else
            operations.Insert(rows.Upserts.OfType<BusinessKeyRow>().ToArray());
        var deletes = change.Successor is null ? rows.Deletes : rows.Deletes.RemoveAll(r => r is BusinessKeyRow);
        if (deletes.Length > 0)
            operations.DeleteObjects(deletes);
        foreach (var job in rows.Upserts.OfType<JobRow>().Where(j => !j.Failed && IsDue(j, change.Before.Opened)))
        {
            if (job.Type.StartsWith(BuiltIn, StringComparison.Ordinal))
            {
                using var span = RunnerSpans.Publish(by, job);
                if (job.DueAt <= now && attempts.TryBear(change.Key.TenantId, job, span?.Id ?? by.Span?.Id) is { } attempt)
                {
                    span?.SetTag("messaging.system", "countersign");
                    born.Add(attempt);
                    continue;
                }

                outbox ??= new MartenOutbox(runtime, session);
                var delivery = new DeliveryOptions { TenantId = change.Key.TenantId, ScheduledTime = job.DueAt > now ? job.DueAt : null };
                await outbox.PublishAsync(new JobReady(change.Key.TenantId, change.Key.InstanceId, job.Id, job.Attempt, job.Type), delivery);
            }
            else
            {
                notices.Add((Channels.Jobs, Channels.JobsOf(change.Key.TenantId, job.Type)));
            }
        }

        foreach (var letter in InstanceMail.Of(change.Key.TenantId, change.Facts.Select(f => f.Fact), after.Opened!, change.Before.Opened))
        {
            outbox ??= new MartenOutbox(runtime, session);
            await outbox.PublishAsync(letter, new DeliveryOptions { TenantId = change.Key.TenantId });
        }

        foreach (var (name, key) in rows.Upserts.OfType<SubscriptionRow>().Select(s => (s.MessageName, s.CorrelationKey)).Distinct())
        {
            outbox ??= new MartenOutbox(runtime, session);
            await outbox.PublishAsync(new MessageAwaited(change.Key.TenantId, name, key), new DeliveryOptions { TenantId = change.Key.TenantId });
        }

        ended.AddRange(rows.Deletes.OfType<JobRow>().Select(j => (change.Key.TenantId, j.Id)));
        if (rows.Upserts.OfType<TimerRow>().Any())
            notices.Add((Channels.Timers, ""));
        if (after.Version / options.SnapshotEvery != change.Before.Version / options.SnapshotEvery && !after.Opened!.HasEnded)
            change.After = Snapshot(operations, change.Key, after);
        return outbox;
    }

    // One statement for all: those that begin here, and those that are over.
    private static void Leases(IDocumentSession session, List<BornAttempt> born, List<(string TenantId, string JobId)> ended)
    {
        if (born.Count + ended.Count == 0)
            return;
        session.QueueSqlCommand($"call {JobTables.Hold}(?, ?, ?, ?, ?, ?, ?)", born.Select(b => b.TenantId).ToArray(), born.Select(b => b.Job.Id).ToArray(), born.Select(b => b.Job.Attempt).ToArray(),
            born.Select(b => b.Worker).ToArray(), born.Select(b => (int)BornAttempts.LeaseOf(b).TotalSeconds).ToArray(), ended.Select(e => e.TenantId).ToArray(), ended.Select(e => e.JobId).ToArray());
    }

    private static bool IsDue(JobRow job, InstanceState? before) => before is null || !before.Jobs.TryGetValue(job.Id, out var known) || known.Attempt != job.Attempt || known.Failed;

    // A waiting instance that leaves the cache leaves its state behind, so that its next command does not replay everything.
    private static void Snapshots(IDocumentSession session, List<(InstanceKey Key, LoadedInstance State)> leaving)
    {
        foreach (var (key, state) in leaving.Where(l => l.State.Version - l.State.SnapshotVersion >= 20))
            Snapshot(session.ForTenant(key.TenantId), key, state);
    }

    private static LoadedInstance Snapshot(ITenantOperations operations, InstanceKey key, LoadedInstance state)
    {
        var json = JsonSerializer.SerializeToElement(state.Sealed, StoreJson.Options);
        operations.Store(new InstanceSnapshot(key.InstanceId.ToString("D", CultureInfo.InvariantCulture), state.Version, state.Sealed!.Hash, InstanceState.Fingerprint, json, state.Bytes));
        return state with { SnapshotVersion = state.Version };
    }

    // Stands before the outbox's own listener: the commit is durable and nothing was sent.
    private sealed class FaultListener(Func<string, Task> fault) : DocumentSessionListenerBase
    {
        public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => fault("after-commit-before-send");
    }
}

/// <summary>Channels on which nodes wake one another.</summary>
internal static class Channels
{
    public const string Jobs = "cs_jobs";
    public const string Timers = "cs_timers";
    public const string Inference = "cs_inference";
    public const string Trail = "cs_trail";
    public const string Attempts = "cs_attempts";

    /// <summary>What a notice of jobs says: whose, and of which type.</summary>
    public static string JobsOf(string tenantId, string type) => tenantId + "/" + type;
}
