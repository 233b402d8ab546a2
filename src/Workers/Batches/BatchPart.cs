using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Batches;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Batches;
using Countersign.Projections.Instances;
using Countersign.Projections.Store;
using Countersign.Workers.Instances;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Batches;

/// <summary>
/// Carries out one part of a batch: the command that a person would send, through the same door, under a key made of batch and number. So whoever repeats it, after
/// whatever end of a node, gets what the first one got, and no instance is acted on twice.
/// </summary>
internal sealed partial class BatchPart(IServiceScopeFactory scopes, InstanceTrial trial, ILogger<BatchPart> logger)
{
    /// <summary>How often a part is begun at most: 5.</summary>
    public const int MostTries = 5;

    private const string ContentType = "application/vnd.countersign.batch-item+json";

    /// <summary>What became of it; null when it is to be tried again later.</summary>
    public async Task<(BatchItemResult? Result, bool IsBusy)> Carry(string tenantId, BatchRecord batch, BatchItem item, Actor by, ImmutableDictionary<string, JsonElement> variables, CancellationToken cancellation)
    {
        if (item.Tries > MostTries)
            return (new BatchItemResult("failed", "batch.given_up", string.Create(CultureInfo.InvariantCulture, $"It was begun {MostTries} times, and never ended. Try it alone; if that fails too, tell support its id.")), false);
        var command = BatchCommands.Of(batch.Order, batch.Reason, tenantId, item.InstanceId, item.IncidentId, by, variables);
        try
        {
            if (batch.DryRun)
                return (Judged(batch, await trial.Try(command, cancellation)), false);
            await using var services = scopes.CreateAsyncScope();
            var call = new IdempotentCall("batch:" + batch.Id.ToString("N"), item.Number.ToString(CultureInfo.InvariantCulture), batch.Id.ToString("N"), r => Stored(Of(batch, r.Outcome)));
            var result = await services.ServiceProvider.GetRequiredService<CommandDoor>().Execute(command, call, cancellation);
            if (result.Refusal is { Code: "runner.overloaded" or "idempotency.in_flight" })
                return (null, true);
            return (result.Response is { Body: { } body } ? JsonSerializer.Deserialize<BatchItemResult>(body, StoreJson.Options)! : Of(batch, result.Outcome), false);
        }
        catch (Exception e) when (e is NpgsqlException { IsTransient: true } or TimeoutException)
        {
            // The database is away for a moment; if it was committed all the same, the receipt will say so.
            return (null, true);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogFailed(e, item.InstanceId, tenantId, batch.Id, item.Tries);
            return (item.Tries < MostTries ? null : new BatchItemResult("failed", "batch.given_up", "It could not be carried out. Try it alone; if that fails too, tell support its id."), false);
        }
    }

    private static BatchItemResult Judged(BatchRecord batch, Trial trial)
    {
        var version = trial.Verdict is not null && batch.Order.ProcessVersionId is { } id ? int.Parse(id.AsSpan(id.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        return (trial.Outcome, trial.Verdict) switch
        {
            (Outcome.Facts, { } verdict) => new BatchItemResult("done", null, verdict.Sentence(version)),
            // All findings, where the command itself would name the first.
            (Outcome.Refused { Refusal: var refusal }, { Possible: false } verdict) => new BatchItemResult("refused", refusal.Code, Short(verdict.Sentence(version))),
            _ => Of(batch, trial.Outcome),
        };
    }

    private static BatchItemResult Of(BatchRecord batch, Outcome outcome) => outcome switch
    {
        Outcome.Refused { Refusal: { Kind: RefusalKind.NotFound } refusal } => new BatchItemResult("refused", refusal.Code, "There is no such thing in your tenant. Check the id."),
        Outcome.Refused { Refusal: var refusal } => new BatchItemResult("refused", refusal.Code, Short(refusal.Detail)),
        _ => new BatchItemResult(outcome is Outcome.Facts ? "done" : "unchanged", null, BatchCommands.Sentence(batch.Order, batch.DryRun, outcome is Outcome.Facts)),
    };

    private static string Short(string sentence) => sentence.Length <= 2_000 ? sentence : sentence[..2_000] + "…";

    private static StoredResponse Stored(BatchItemResult result) => new(200, ContentType, JsonSerializer.Serialize(result, StoreJson.Options));

    [LoggerMessage(Level = LogLevel.Error, Message = "Instance {InstanceId} of {TenantId} could not be acted on for batch {BatchId} (try {Try}).")]
    private partial void LogFailed(Exception e, Guid instanceId, string tenantId, Guid batchId, int @try);
}
