using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Trail;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;

namespace Countersign.Workers.Instances;

/// <summary>What the commands of one instance in one batch came to.</summary>
internal sealed class InstanceChange(InstanceKey key, LoadedInstance before)
{
    public InstanceKey Key { get; } = key;

    public LoadedInstance Before { get; } = before;

    /// <summary>Opened state after the commands so far.</summary>
    public InstanceState? Opened { get; set; } = before.Opened;

    public ProcessGraph? Graph { get; set; }

    /// <summary>Facts to append, in order, each with the command that yielded it.</summary>
    public List<(IInstanceEvent Fact, CommandWork By)> Facts { get; } = [];

    /// <summary>Receipts to store.</summary>
    public List<CommandReceipt> Receipts { get; } = [];

    public long Version => Before.Version + Facts.Count;

    /// <summary>The instance in which this one goes on from this batch on; written in the same transaction.</summary>
    public InstanceChange? Successor { get; set; }

    /// <summary>Whether it begins with what another took over to it.</summary>
    public bool TakesOver { get; init; }

    /// <summary>Set by the committer once facts are sealed: what is kept after the commit.</summary>
    public LoadedInstance? After { get; set; }
}

/// <summary>Decides the commands of a batch: instances in parallel, the commands of one instance in their order.</summary>
internal sealed class InstanceDecider(InstanceContext context, TimeProvider time)
{
    public async Task<List<InstanceChange>> Decide(IReadOnlyList<CommandWork> batch, LoadedBatch loaded, CancellationToken cancellation)
    {
        var groups = batch.GroupBy(w => w.Key).ToArray();
        // One or two are not worth handing to other threads.
        if (groups.Length < 3)
        {
            var few = new List<InstanceChange>();
            foreach (var group in groups)
                few.Add(await Decide(group.Key, group, loaded, cancellation));
            return WithSuccessors(few);
        }

        var changes = new InstanceChange[groups.Length];
        await Parallel.ForAsync(0, groups.Length, cancellation, async (i, token) => changes[i] = await Decide(groups[i].Key, groups[i], loaded, token));
        return WithSuccessors(changes);
    }

    private static List<InstanceChange> WithSuccessors(IEnumerable<InstanceChange> changes) => [.. changes.SelectMany(c => c.Successor is { } successor ? [c, successor] : new[] { c })];

    private async Task<InstanceChange> Decide(InstanceKey key, IEnumerable<CommandWork> commands, LoadedBatch loaded, CancellationToken cancellation)
    {
        var change = new InstanceChange(key, loaded.Instances[key]);
        foreach (var work in commands)
        {
            try
            {
                work.Result = await Decide(change, work, loaded, cancellation);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // A command that cannot be decided is its sender's trouble alone; nothing of it is stored.
                work.Fail(error);
            }
        }

        return change;
    }

    private async ValueTask<CommandResult> Decide(InstanceChange change, CommandWork work, LoadedBatch loaded, CancellationToken cancellation)
    {
        if (work.ReceiptId is not null && loaded.Receipts.TryGetValue((work.Command.TenantId, work.ReceiptId), out var receipt))
            return Replay(work, receipt, change);
        // The transaction whose outcome was unknown had been committed after all.
        if (loaded.CommittedBy.TryGetValue(work.Id, out var committed))
            return Answer(work, Outcome.OfAll([.. committed]), change.Opened, change.Version);
        // A late letter follows the instance; what is answered to it is the successor's.
        if (change.Opened?.Successor is { } next && Continuation.Forwarded(work.Command, next) is { } forwarded)
            return new CommandResult(Outcome.Nothing, change.Opened, change.Version) { Forwarded = forwarded };
        var outcome = Stale(change, work) ?? Forged(work.Command) ?? await Ask(change, work, cancellation);
        if (outcome is not Outcome.Facts { Events: var events })
        {
            var answer = Answer(work, outcome, change.Opened, change.Version);
            // An answer that says 'later' is not the answer for ever.
            if (answer.Refusal is not { Kind: RefusalKind.Limit })
                Keep(change, work, answer);
            return answer;
        }

        var (before, state) = (change.Opened, change.Opened);
        var facts = Told(change, events);
        foreach (var fact in facts)
            state = InstanceState.Evolve(state, fact);
        var result = Answer(work, Outcome.OfAll([.. facts]), state, change.Version + facts.Count);
        change.Facts.AddRange(facts.Select(f => (f, work)));
        change.Opened = state;
        if (facts is [.., InstanceContinued end])
            change.Successor = await TakeOver(change, work, before!, end, cancellation);
        Keep(change, work, result);
        return result;
    }

    /// <summary>The facts as everybody sees them from now on: personal texts blotted out of sentences, steps packed.</summary>
    private static List<IInstanceEvent> Told(InstanceChange change, ImmutableArray<object> events)
    {
        var facts = events.Cast<IInstanceEvent>().ToList();
        if (PersonalFields.Of(change.Graph!) is { } personal)
        {
            var texts = personal.TextsIn(change.Opened, null, facts);
            facts = [.. facts.Select(f => PersonalFields.WithoutTexts(f, texts))];
        }

        return Steps.Pack(facts);
    }

    /// <summary>The first facts of the successor. The link names the predecessor's last fact as its leaf in the trail will.</summary>
    private async ValueTask<InstanceChange> TakeOver(InstanceChange change, CommandWork work, InstanceState before, InstanceContinued end, CancellationToken cancellation)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(JsonSerializer.SerializeToUtf8Bytes(end, StoreJson.Options))));
        var asked = await context.For(work.Command, before, work.TraceId, cancellation) ?? throw new InvalidOperationException("The process version of a running instance was there a moment ago.");
        var outcome = Engine.TakeOver(asked.Graph, before, end, new InstanceLink(change.Key.InstanceId, change.Version, hash), asked.Context, work.Command.By);
        var successor = new InstanceChange(new InstanceKey(change.Key.TenantId, end.SuccessorId), LoadedInstance.None) { Graph = asked.Graph, TakesOver = true };
        foreach (var fact in Told(successor, ((Outcome.Facts)outcome).Events))
        {
            successor.Facts.Add((fact, work));
            successor.Opened = InstanceState.Evolve(successor.Opened, fact);
        }

        return successor;
    }

    private async ValueTask<Outcome> Ask(InstanceChange change, CommandWork work, CancellationToken cancellation)
    {
        if (change.Opened is null && work.Command is not StartInstance)
            return Outcome.Refuse(RefusalKind.NotFound, "instance.not_found", "There is no such instance.");
        if (await context.For(work.Command, change.Opened, work.TraceId, cancellation) is not { } found)
            return Outcome.Refuse(RefusalKind.NotFound, "process.not_found", "There is no such process version. Publish it, or start another version.");
        change.Graph = found.Graph;
        return Engine.Decide(found.Graph, change.Opened, work.Command, found.Context with { StoredBytes = change.Before.Bytes }, time.GetUtcNow());
    }

    private static Outcome? Stale(InstanceChange change, CommandWork work) => work.Call?.ExpectedVersion is { } read && change.Opened is not null && read != change.Version
        ? Outcome.Refuse(RefusalKind.Conflict, "precondition.failed", "The instance has changed since you read it. Read it again, and repeat the act with a new Idempotency-Key if it still makes sense.")
        : null;

    // A sealed field copied into a command would be opened for somebody who may not see it.
    private static Outcome? Forged(InstanceCommand command) =>
        CommandWork.HasReservedName(CommandWork.VariablesOf(command))
            ? Outcome.Refuse(RefusalKind.Invalid, "variables.reserved_name", $"The member name '{SealedValue.Marker}' is reserved. Send the value itself under another name.")
            : null;

    private static CommandResult Replay(CommandWork work, CommandReceipt receipt, InstanceChange change) => receipt.BodyHash == work.Call!.BodyHash
        ? new CommandResult(Outcome.Nothing, change.Opened, change.Version, receipt.Response, Replayed: true)
        : CommandWork.Refused(RefusalKind.Invalid, "idempotency.key_reused", "This Idempotency-Key was used for another request. Use a new key for a new request.");

    private static CommandResult Answer(CommandWork work, Outcome outcome, InstanceState? state, long version)
    {
        var result = new CommandResult(outcome, state, version);
        return work.Call is { } call ? result with { Response = call.Respond(result) } : result;
    }

    private void Keep(InstanceChange change, CommandWork work, CommandResult result)
    {
        if (work.Call is not null && result.Response is { } response)
            change.Receipts.Add(new CommandReceipt(work.ReceiptId!, work.Call.BodyHash, response, change.Key.InstanceId, time.GetUtcNow()));
    }
}
