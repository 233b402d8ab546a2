using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Instances;

/// <summary>
/// The engine: one pure function. It reads no clock, draws no random number, does no input or output; the same arguments always give
/// the same facts.
/// </summary>
public static partial class Engine
{
    /// <summary>Decides about one command.</summary>
    /// <param name="graph">The version that the instance runs.</param>
    /// <param name="state">The instance as its facts say; null when there are none.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="context">What lies outside the stream and was looked up before.</param>
    /// <param name="now">The command's time (UTC); FEEL's <c>now()</c>.</param>
    /// <returns>Facts, a refusal, or nothing when it was done before or came too late to matter.</returns>
    public static Outcome Decide(ProcessGraph graph, InstanceState? state, InstanceCommand command, DecideContext context, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(context);
        var at = now.ToUniversalTime();
        var outcome = DecideOn(graph, state, command, context, at);
        return InstanceLimits.Warning(state, outcome, context.Limits, at) is { } warning && outcome is Outcome.Facts facts ? Outcome.OfAll(facts.Events.Add(warning)) : outcome;
    }

    private static Outcome DecideOn(ProcessGraph graph, InstanceState? state, InstanceCommand command, DecideContext context, DateTimeOffset at)
    {
        if (command is StartInstance start)
            return Start(graph, state, start, context, at);
        if (state is null || state.Status == InstanceStatus.None)
            return Outcome.Refuse(RefusalKind.NotFound, "instance.not_found", "There is no such instance. Check the id.");
        if (state.Hash != graph.Hash)
            return Outcome.Refuse(RefusalKind.Conflict, "instance.other_version", "The instance runs another version of the process than the one it was asked with. Load the version it was started with.");

        if (command is CancelInstance or SetVariables or RetryIncident or SuspendInstance or ResumeInstance or ModifyInstance or SkipIncident or RerouteIncident or MigrateInstance or RaiseInstanceLimit or ContinueInstance && !MayIntervene(command.By))
            return Outcome.Refuse(RefusalKind.Denied, "instance.operators_only", "Only an operator or an administrator may change a case from outside. Ask one of them.");

        if (state.Successor is { } successor && command is not ContinueInstance && Continuation.Forwarded(command, successor) is null)
            return Continued(command, successor);

        if (state is { SuspendedAt: not null, HasEnded: false } && command is ClaimTask or ReleaseTask or ReassignTask or CompleteTask or FireTimer or CorrelateMessage)
            return Outcome.Refuse(RefusalKind.Conflict, "instance.suspended", "The instance is suspended. Let it go on first, or ask the operator who suspended it.");
        if (command is MigrateInstance migrate)
            return Migrate(graph, state, migrate, context, at);
        var x = new Execution(graph, state, context, command.By, at);
        return command switch
        {
            SuspendInstance c => Suspend(x, c),
            ResumeInstance c => Resume(x, c),
            ModifyInstance c => Modify(x, c),
            SkipIncident c => Skip(x, c),
            RerouteIncident c => Reroute(x, c),
            RaiseInstanceLimit c => RaiseLimit(x, c),
            ContinueInstance c => Continue(x, c),
            CancelInstance c => Cancel(x, c),
            SetVariables c => Set(x, c),
            ClaimTask c => Claim(x, c),
            ReleaseTask c => Release(x, c),
            ReassignTask c => Reassign(x, c),
            CompleteTask c => Complete(x, c),
            CompleteJob c => Complete(x, c),
            FailJob c => Fail(x, c),
            ThrowJobError c => Throw(x, c),
            FireTimer c => Fire(x, c),
            CorrelateMessage c => Correlate(x, c),
            ReportCall c => Report(x, c),
            RetryIncident c => Retry(x, c),
            _ => Outcome.Refuse(RefusalKind.Invalid, "instance.unknown_command", "This version of the service does not know the command. Update the service."),
        };
    }

    private static Outcome Start(ProcessGraph graph, InstanceState? state, StartInstance c, DecideContext context, DateTimeOffset now)
    {
        // The id of an idempotent start is derived from the caller's key, so an instance that exists is this start, asked twice.
        if (state is { Status: not InstanceStatus.None })
            return Outcome.Nothing;
        if (!TryVersion(c.ProcessVersionId, graph.Key, out var version))
            return Outcome.Refuse(RefusalKind.Invalid, "process.version_mismatch", $"'{Short(c.ProcessVersionId)}' is no version of the process '{graph.Key}'. Start it as '{graph.Key}:number'.");
        if (c.BusinessKey is { Length: 0 or > 255 })
            return Outcome.Refuse(RefusalKind.Invalid, "instance.business_key", "A business key has 1 to 255 characters. Shorten it or leave it out.");
        // A slice works under the key that its parent holds.
        var holds = graph.UniqueBusinessKey && c is { BusinessKey: not null, Slice: null };
        if (holds && context.KeyHolder is { } holder)
            return Outcome.Refuse(RefusalKind.Conflict, "instance.business_key_taken", $"The running instance {holder:D} of '{graph.Key}' has the business key '{c.BusinessKey}'. Go on with that one, wait until it has ended, or start under another key.");
        if (Unfit(c.Variables, context) is { } unfit)
            return unfit;
        if (c.Slice is not null && Elements.Slices.NotIn(graph, c.Slice) is { } noSlice)
            return noSlice;
        GraphNode? trigger = null;
        if (c.Slice is null && Trigger(graph, c.StartElementId, out trigger) is { } noStart)
            return noStart;
        var pinned = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var policy in c.Slice is null ? graph.Policies : [])
        {
            if (!context.ActivePolicies.TryGetValue(policy, out var active))
                return Outcome.Refuse(RefusalKind.Invalid, "policy.not_active", $"The process asks the policy '{policy}', which has no active version. Publish and approve one, then start again.");
            pinned.Add(policy, active);
        }

        var x = new Execution(graph, InstanceState.None, context, c.By, now);
        x.Emit(new InstanceStarted(c.InstanceId, graph.Key, version, graph.Hash, c.BusinessKey, c.Slice is null ? pinned.ToImmutable() : c.Pinned ?? pinned.ToImmutable(), c.By.Id, now, c.Parent, c.StartElementId, c.ScheduledFor, holds, c.Rollout, c.Slice, c.Chain));
        // What a trigger brought passes its output mapping; what a caller gave is taken as it is.
        if (!c.Variables.IsEmpty && c.StartElementId is null)
            x.Emit(new VariablesSet(InstanceState.RootScope, c.Variables, InstanceState.StartSource, c.By.Id, null));
        if (c.Slice is not null)
            Elements.Slices.Begin(x, c.Slice);
        else
            x.Begin(trigger, c.StartElementId is null ? ImmutableDictionary<string, JsonElement>.Empty : c.Variables);
        x.Run();
        return x.Outcome;
    }

    /// <summary>Where the instance begins: at the trigger named, where the process begins by itself, or at its only trigger.</summary>
    private static Outcome? Trigger(ProcessGraph graph, string? elementId, out GraphNode? trigger)
    {
        trigger = elementId is null ? graph.Starts.IsEmpty && graph.Triggers.Length == 1 ? graph.Triggers[0] : null : graph.Triggers.FirstOrDefault(t => t.Id == elementId);
        return trigger is not null || (elementId is null && !graph.Starts.IsEmpty) ? null
            : Outcome.Refuse(RefusalKind.Invalid, "instance.start_element", $"Say where the process begins. Name one of its start elements: {string.Join(", ", graph.Triggers.Select(t => t.Id))}.");
    }

    private static Outcome Cancel(Execution x, CancelInstance c)
    {
        if (x.State.Status == InstanceStatus.Cancelled)
            return Outcome.Nothing;
        if (Ended(x) is { } ended)
            return ended;
        if (Blank(c.Reason))
            return Outcome.Refuse(RefusalKind.Invalid, "instance.reason_required", "Cancelling needs a reason for the trail. Say why in a few words.");
        x.End(c.Reason);
        return x.Outcome;
    }

    private static Outcome Set(Execution x, SetVariables c)
    {
        if (Ended(x) is { } ended)
            return ended;
        if (Blank(c.Reason))
            return Outcome.Refuse(RefusalKind.Invalid, "instance.reason_required", "Setting variables from outside needs a reason for the trail. Say why in a few words.");
        if (Unfit(c.Variables, x.Context) is { } unfit)
            return unfit;
        var changed = c.Variables.RemoveRange(c.Variables.Where(v => Holds(x.State, v.Key, v.Value)).Select(v => v.Key));
        if (changed.IsEmpty)
            return Outcome.Nothing;
        x.Emit(new VariablesSet(InstanceState.RootScope, changed, "operator", c.By.Id, c.Reason));
        // What waits for a condition may hold now.
        x.Run();
        return x.Outcome;
    }

    // The edge asks as well; here it holds for every way in, and with what the actor may do now.
    private static bool MayIntervene(Actor actor) => actor.Kind == ActorKind.System || actor.Holds(Role.Operator) || actor.Holds(Role.Admin);

    private static bool Holds(InstanceState state, string name, JsonElement value) =>
        state.Variables.TryGetValue(InstanceState.RootScope, out var root) && root.TryGetValue(name, out var there) && JsonElement.DeepEquals(there, value);

    private static bool TryVersion(string id, string key, out int version)
    {
        version = 0;
        return id.Length > key.Length + 1 && id.StartsWith(key, StringComparison.Ordinal) && id[key.Length] == ':'
            && int.TryParse(id.AsSpan(key.Length + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out version) && version > 0;
    }

    private static Outcome? Ended(Execution x) => x.State.HasEnded
        ? Outcome.Refuse(RefusalKind.Conflict, "instance.ended", "The instance has ended, so nothing in it can be changed. Start a new one if the work goes on.")
        : null;

    /// <summary>What is wrong with variables that are brought from outside, by whichever way; null when nothing is.</summary>
    private static Outcome? Unfit(ImmutableDictionary<string, JsonElement> variables, DecideContext context) =>
        VariableNames.Problem(variables.Keys) is { } problem ? Outcome.Refuse(RefusalKind.Invalid, "variables.name", problem)
        : Json.Size(variables) <= context.Limits.VariableBytes ? null : Outcome.Refuse(RefusalKind.Limit, "variables.too_large",
            $"The variables have more than {context.Limits.VariableBytes} bytes as JSON. Upload large content as a document and pass its id.");

    private static bool Blank(string? text) => string.IsNullOrWhiteSpace(text);

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
