using System.Collections.Immutable;
using System.Globalization;
using Countersign.Api.Http;
using Countersign.Client.Instances;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Processes;
using Countersign.Workers.Instances;
using MigrationFinding = Countersign.Client.Instances.MigrationFinding;

namespace Countersign.Api.Instances;

/// <summary>Migrations of one instance, and verdicts about them.</summary>
internal sealed class InstanceMigrations(InstanceReader reader, InstanceWrites writes, Writes receipts, InstanceTrial trial)
{
    public async Task<IResult> Do(Call call, Guid id, MigrateInstanceRequest r)
    {
        if (await reader.Find(call.TenantId, id, call.Cancellation) is not { } found)
            return Problems.NotFound();
        var command = new MigrateInstance(call.TenantId, id, call.Actor, ProcessVersion.IdOf(found.State.ProcessKey, r.Version),
            r.Mapping?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, string>.Empty, r.Reason);
        return r.DryRun ? await Judge(call, found, command, r.Version) : await writes.Execute(call, command, x => Answer.Ok(Done(found.State, r.Version, x), x.Version));
    }

    private async Task<IResult> Judge(Call call, InstanceReading found, MigrateInstance command, int version)
    {
        if (call.Http.Features.Get<ExpectedVersion>() is { } read && read.Value != found.Version)
            return Problems.Of("precondition.failed", "The instance has changed since you read it. Read it again, and ask again if it still makes sense.");
        var judged = await trial.Judge(command, found.State, call.Cancellation);
        var state = found.State;
        if (judged.Outcome is Outcome.None)
            return await receipts.Keep(call, Answer.Ok(Already(state, version), found.Version));
        // That it cannot be migrated is the verdict that was asked for; every other refusal is one.
        if (judged.Outcome is Outcome.Refused { Refusal: var refusal } && judged.Verdict is not { Possible: false })
            return Problems.Of(refusal);
        var verdict = judged.Verdict!;
        return await receipts.Keep(call, Answer.Ok(new MigrationView(state.Id, state.Version, version, verdict.Possible, false, verdict.Sentence(version),
            [.. verdict.Findings.Select(f => new MigrationFinding(f.ElementId, f.Sentence))], Ends(state, verdict.Closed)), found.Version));
    }

    private static MigrationView Done(InstanceState before, int version, CommandResult result)
    {
        if (result.Outcome is not Outcome.Facts facts)
            return Already(before, version);
        var ends = Ends(before, facts.Events.Select(e => e switch { TimerCancelled t => t.TimerId, SubscriptionClosed s => s.SubscriptionId, _ => null }).OfType<string>());
        return new MigrationView(before.Id, before.Version, version, true, true, string.Create(CultureInfo.InvariantCulture, $"It runs version {version} now."), [], ends);
    }

    private static MigrationView Already(InstanceState state, int version) =>
        new(state.Id, version, version, true, false, string.Create(CultureInfo.InvariantCulture, $"It runs version {version} already."), [], []);

    private static IReadOnlyList<string> Ends(InstanceState state, IEnumerable<string> closed) =>
        [.. closed.Select(c => state.Timers.GetValueOrDefault(c)?.ElementId ?? state.Subscriptions.GetValueOrDefault(c)?.ElementId).OfType<string>().Distinct(StringComparer.Ordinal)];
}
