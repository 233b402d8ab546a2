using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Instances;

/// <summary>
/// What facts of one instance mean for others, as one pure function: the runner sends it in the transaction that stores the facts. Receivers take each
/// letter once, however often it comes.
/// </summary>
public static class InstanceMail
{
    /// <summary>The letters to send.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="facts">Facts of one command, in order.</param>
    /// <param name="after">State after them.</param>
    /// <param name="before">State before them; null before a start.</param>
    public static ImmutableArray<object> Of(string tenantId, IEnumerable<IInstanceEvent> facts, InstanceState after, InstanceState? before = null)
    {
        var letters = ImmutableArray.CreateBuilder<object>();
        var reported = false;
        // A call taken over from a predecessor has the child that it began there.
        var called = facts.OfType<InstanceTakenOver>().FirstOrDefault()?.State.Calls ?? before?.Calls ?? ImmutableDictionary<string, CallState>.Empty;
        foreach (var fact in facts)
        {
            switch (fact)
            {
                case EventThrown { Kind: ThrownKind.Signal or ThrownKind.Message } e:
                    letters.Add(new ThrownOutside(tenantId, after.Id, e.ThrowId, e.Kind, e.Name ?? "", e.CorrelationKey, e.Variables is { IsEmpty: false }, StartChain.After(after.Chain, e.At)));
                    break;
                case EventThrown e when after.Parent is { } parent:
                    reported |= e.Kind == ThrownKind.Error;
                    letters.Add(new CallNews(tenantId, after.Id, parent, e.Kind == ThrownKind.Error ? CallReport.Error : CallReport.Escalation, e.ThrowId, e.Name, null));
                    break;
                case CallStarted e when after.Calls.ContainsKey(e.CallId):
                    letters.Add(new CallReady(tenantId, after.Id, e.CallId));
                    break;
                case InstanceSuspended e:
                    letters.AddRange(Slices(after).Select(child => (object)new SuspendInstance(tenantId, child, Actor.System, e.Reason)));
                    break;
                case InstanceResumed e:
                    letters.AddRange(Slices(after).Select(child => (object)new ResumeInstance(tenantId, child, Actor.System, e.Reason)));
                    break;
                case CallCancelled e:
                    letters.Add(new CancelInstance(tenantId, called.GetValueOrDefault(e.CallId)?.ChildId ?? Elements.CallActivity.ChildOf(e.CallId), Actor.System, "The process that called it no longer wants it."));
                    break;
                case InstanceCompleted when after.Parent is { } parent:
                    letters.Add(new CallNews(tenantId, after.Id, parent, CallReport.Completed, "completed", null, null));
                    break;
                case InstanceCancelled e when after.Parent is { } parent && !reported:
                    letters.Add(new CallNews(tenantId, after.Id, parent, CallReport.Failed, "cancelled", null, "The called instance was cancelled: " + e.Reason));
                    break;
            }
        }

        return letters.DrainToImmutable();
    }

    /// <summary>The start of a called instance, in the name of whoever started the caller.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="callId">The call in it.</param>
    /// <param name="versionId">The version to run, <c>key:number</c>; of a slice the caller's own.</param>
    public static StartInstance StartOf(string tenantId, InstanceState caller, string callId, string versionId)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var call = caller.Calls[callId];
        var slice = call.Slice is { } s ? new SliceStart(call.ElementId, s.From, s.Count, caller.Slice?.Called ?? caller.Parent is not null, caller.Completers) : null;
        return new StartInstance(tenantId, call.ChildId, new Actor(caller.StartedBy, ActorKind.System, [], []), versionId, VariablesFor(caller, call), caller.BusinessKey,
            Parent: CallLink.From(caller, callId), Slice: slice, Pinned: slice is null ? null : caller.Pinned, Chain: caller.Chain);
    }

    /// <summary>What a called instance that has completed hands back: its variables, of a slice those that it changed.</summary>
    public static ImmutableDictionary<string, JsonElement> VariablesOf(InstanceState called)
    {
        ArgumentNullException.ThrowIfNull(called);
        var all = called.Variables.GetValueOrDefault(InstanceState.RootScope, ImmutableDictionary<string, JsonElement>.Empty);
        return called.Slice is { } slice ? all.RemoveRange(all.Keys.Where(name => !slice.Changed.Contains(name))) : all;
    }

    // What a slice works through is inside the instance, so it stands still with it.
    private static IEnumerable<Guid> Slices(InstanceState state) => state.Calls.Values.Where(c => c is { Slice: not null, Failed: false }).Select(c => c.ChildId).Order();

    /// <summary>What a called instance starts with: the mapped variables, or all that are visible where it is called.</summary>
    public static ImmutableDictionary<string, JsonElement> VariablesFor(InstanceState caller, CallState call)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(call);
        return call.AllVariables ? new VariableScope(caller, call.TokenId).All() : call.Variables;
    }
}
