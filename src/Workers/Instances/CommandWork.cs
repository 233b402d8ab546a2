using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;

namespace Countersign.Workers.Instances;

/// <summary>A command on its way through a writer.</summary>
internal sealed class CommandWork
{
    private readonly TaskCompletionSource<CommandResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CommandWork(InstanceCommand command, IdempotentCall? call, Guid id, Activity? span, CancellationToken cancellation)
    {
        (Command, Call, Id, Span, Cancellation) = (command, call, id, span, cancellation);
        ReceiptId = call is null ? null : CommandReceipt.IdOf(call.CredentialId, call.Key);
        Bytes = 512 + VariablesOf(command).Sum(v => v.Key.Length + (long)JsonMarshal.GetRawUtf8Value(v.Value).Length);
    }

    public InstanceCommand Command { get; }

    public IdempotentCall? Call { get; }

    /// <summary>Stored as causation id of every fact the command yields: after a commit of unknown outcome it tells whether it was this one.</summary>
    public Guid Id { get; }

    /// <summary>What was under way when the command came: the runner's own span, or what stands in its place.</summary>
    public Activity? Span { get; }

    public string? TraceId => Span?.TraceId.ToHexString();

    public CancellationToken Cancellation { get; }

    public string? ReceiptId { get; }

    public long Bytes { get; }

    public int Attempts { get; set; }

    public InstanceKey Key => new(Command.TenantId, Command.InstanceId);

    public Task<CommandResult> Done => _done.Task;

    /// <summary>What will be answered once the batch is durable.</summary>
    public CommandResult? Result { get; set; }

    public void Answer() => _done.TrySetResult(Result ?? throw new InvalidOperationException("A command was answered before it was decided."));

    public void Answer(CommandResult result) => _done.TrySetResult(result);

    public void Fail(Exception error) => _done.TrySetException(error);

    public void Cancel() => _done.TrySetCanceled(Cancellation);

    public static ImmutableDictionary<string, JsonElement> VariablesOf(InstanceCommand command) => command switch
    {
        StartInstance c => c.Variables,
        SetVariables c => c.Variables,
        CompleteTask c => c.Variables,
        CompleteJob c => c.Variables,
        ThrowJobError c => c.Variables,
        CorrelateMessage c => c.Variables,
        ReportCall c => c.Variables,
        SkipIncident c => c.Variables,
        _ => ImmutableDictionary<string, JsonElement>.Empty,
    };

    /// <summary>Whether a value carries the mark of a sealed field: only the service itself writes it.</summary>
    public static bool HasReservedName(ImmutableDictionary<string, JsonElement> variables) => variables.Any(v => HasMarker(v.Value));

    private static bool HasMarker(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(m => m.NameEquals(SealedValue.Marker) || HasMarker(m.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(HasMarker),
        _ => false,
    };

    public static CommandResult Refused(RefusalKind kind, string code, string detail) => new(Outcome.Refuse(kind, code, detail), null, 0);
}

/// <summary>An instance among all tenants.</summary>
internal readonly record struct InstanceKey(string TenantId, Guid InstanceId);
