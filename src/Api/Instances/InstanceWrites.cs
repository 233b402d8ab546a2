using System.Text;
using System.Text.Json;
using Countersign.Api.Http;
using Countersign.Client;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Countersign.Workers.Instances;

namespace Countersign.Api.Instances;

/// <summary>From a command of an instance to an answer. The runner writes the receipt, and records denied attempts.</summary>
internal sealed class InstanceWrites(IServiceScopeFactory scopes, IdempotencyStore receipts)
{
    /// <summary>Carries out a command.</summary>
    /// <param name="call">The call.</param>
    /// <param name="command">The command.</param>
    /// <param name="map">Makes the answer; pure, called before the commit.</param>
    public async Task<IResult> Execute(Call call, InstanceCommand command, Func<CommandResult, Answer> map) => (await ExecuteFully(call, command, map)).Answer;

    /// <summary>Carries out a command, and tells what became of it besides the answer.</summary>
    public async Task<(IResult Answer, CommandResult Result)> ExecuteFully(Call call, InstanceCommand command, Func<CommandResult, Answer> map)
    {
        var scope = call.Idempotency;
        // The answer is made by the runner, on a thread that carries no trace of the call.
        var trace = Call.TraceId ?? call.Http.TraceIdentifier;
        await using var services = scopes.CreateAsyncScope();
        var door = services.ServiceProvider.GetRequiredService<CommandDoor>();
        var result = await door.Execute(command, new IdempotentCall(scope.CredentialId, scope.Key, scope.BodyHash, Respond)
        {
            ExpectedVersion = call.Http.Features.Get<ExpectedVersion>()?.Value,
        }, call.Cancellation);
        // A refusal without a stored form (a full queue, a key used for something else) came without, or says less than, the receipt.
        if (result.Response is not null)
            call.Http.Features.Set(ReceiptRead.Instance);
        if (result.Response is { } stored)
            return (receipts.Replay(stored), result);
        return (result.Refusal is { } refusal ? Problems.Of(refusal) : map(result), result);

        StoredResponse Respond(CommandResult r) => r.Refusal is { } no ? StoredProblem(no, trace) : receipts.Store(map(r));
    }

    private static StoredResponse StoredProblem(Refusal refusal, string trace)
    {
        var problem = Problems.Of(refusal);
        return new StoredResponse(problem.Kind.Status, Problems.MediaType, Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(problem.Body(trace), ClientJson.Options)));
    }
}
