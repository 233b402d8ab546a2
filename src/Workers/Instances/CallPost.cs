using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Workers.Processes;

namespace Countersign.Workers.Instances;

/// <summary>Starts the instance of a call.</summary>
public static class CallReadyHandler
{
    /// <summary>Resolves the version and starts it; a repeat is the same instance.</summary>
    public static Task Handle(CallReady message, CallPost post, CancellationToken cancellation) => post.Start(message, cancellation);
}

/// <summary>Tells a caller how its called instance fared.</summary>
public static class CallNewsHandler
{
    /// <summary>Hands the report to the caller's instance.</summary>
    public static Task Handle(CallNews message, CallPost post, CancellationToken cancellation) => post.Report(message, cancellation);
}

/// <summary>What goes between an instance and those it calls. Letters hold ids; variables are read, opened, where they stand.</summary>
public sealed class CallPost(OpenedInstances instances, ProcessVersions versions, CommandDoor door)
{
    /// <summary>Starts the called instance in the name of whoever started the caller.</summary>
    public async Task Start(CallReady message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (await instances.Find(message.TenantId, message.InstanceId, cancellation) is not { State: var caller })
            return;
        if (caller.Successor is { } successor)
        {
            await Start(message with { InstanceId = successor, CallId = Continuation.Renamed(message.CallId, successor) }, cancellation);
            return;
        }

        if (!caller.Calls.TryGetValue(message.CallId, out var call) || call.Failed)
            return;
        var link = CallLink.From(caller, message.CallId);
        if (call.Slice is not null)
        {
            // It waits with the instance that it is a part of.
            if (caller.SuspendedAt is not null)
                throw new UndeliverableException("The instance that a slice works for is suspended.");
            await Begin(InstanceMail.StartOf(message.TenantId, caller, message.CallId, caller.ProcessVersionId), link, cancellation);
            return;
        }

        if (await versions.Resolve(message.TenantId, call.ProcessKey, call.Binding, call.Version, call.ChildId, cancellation) is not { } chosen)
        {
            var wanted = call.Version is null ? "no published version" : $"no version '{call.Version}'";
            await Say(message.TenantId, link, CallReport.Failed, "not-found", "process.not_found", $"The process '{call.ProcessKey}' has {wanted}. Publish one, then retry the incident.", cancellation);
            return;
        }

        await Begin(InstanceMail.StartOf(message.TenantId, caller, message.CallId, chosen.VersionId) with { Rollout = chosen.Why }, link, cancellation);
    }

    /// <summary>Reports to the caller, with the variables of the called instance at its end or of what it threw.</summary>
    public async Task Report(CallNews message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (await instances.Find(message.TenantId, message.InstanceId, cancellation) is not { State: var called, Facts: var facts })
            return;
        var variables = ImmutableDictionary<string, JsonElement>.Empty;
        if (message.Report == CallReport.Completed)
            variables = InstanceMail.VariablesOf(called);
        else if (facts.OfType<EventThrown>().FirstOrDefault(e => e.ThrowId == message.ReportId) is { Variables.IsEmpty: false } thrown)
            variables = (await instances.Open(thrown, message.TenantId, message.InstanceId, cancellation)).Variables;
        await Insistently(new ReportCall(message.TenantId, message.Parent.InstanceId, Actor.System, message.Parent.CallId, message.Report, message.ReportId, message.Code, message.Message, variables,
            called.Slice is null ? null : called.Completers), cancellation);
    }

    private async Task Begin(StartInstance start, CallLink link, CancellationToken cancellation)
    {
        var result = await Insistently(start, cancellation);
        if (result.Refusal is { } refusal)
            await Say(start.TenantId, link, CallReport.Failed, "refused", refusal.Code, refusal.Detail, cancellation);
    }

    private Task Say(string tenantId, CallLink link, CallReport report, string id, string code, string sentence, CancellationToken cancellation) =>
        Insistently(new ReportCall(tenantId, link.InstanceId, Actor.System, link.CallId, report, id, code, sentence, ImmutableDictionary<string, JsonElement>.Empty), cancellation);

    /// <summary>A full runner is no answer: the letter stays and is delivered again.</summary>
    private async Task<CommandResult> Insistently(InstanceCommand command, CancellationToken cancellation)
    {
        var result = await door.Execute(command, null, cancellation);
        return result.Refusal is { Code: "runner.overloaded" or "instance.suspended" } refusal ? throw new UndeliverableException($"{command.GetType().Name}: {refusal.Code}") : result;
    }
}

/// <summary>A letter that cannot be taken now; it is delivered again later.</summary>
public sealed class UndeliverableException(string message) : Exception(message);
