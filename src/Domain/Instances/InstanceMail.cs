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
                    letters.Add(new ThrownOutside(tenantId, after.Id, e.ThrowId, e.Kind, e.Name ?? "", e.CorrelationKey, e.Variables is { IsEmpty: false }));
                    break;
                case EventThrown e when after.Parent is { } parent:
                    reported |= e.Kind == ThrownKind.Error;
                    letters.Add(new CallNews(tenantId, after.Id, parent, e.Kind == ThrownKind.Error ? CallReport.Error : CallReport.Escalation, e.ThrowId, e.Name, null));
                    break;
                case CallStarted e when after.Calls.ContainsKey(e.CallId):
                    letters.Add(new CallReady(tenantId, after.Id, e.CallId));
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

    /// <summary>What a called instance starts with: the mapped variables, or all that are visible where it is called.</summary>
    public static ImmutableDictionary<string, JsonElement> VariablesFor(InstanceState caller, CallState call)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(call);
        return call.AllVariables ? new VariableScope(caller, call.TokenId).All() : call.Variables;
    }
}
