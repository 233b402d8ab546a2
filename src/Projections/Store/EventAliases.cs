using System.Collections.Frozen;
using System.Collections.Immutable;
using Countersign.Domain.Batches;
using Countersign.Domain.Documents;
using Countersign.Domain.Exports;
using Countersign.Domain.Instances;
using Countersign.Domain.Keys;
using Countersign.Domain.Plans;
using Countersign.Domain.Policies;
using Countersign.Domain.Processes;
using Countersign.Domain.ReferenceTables;
using Countersign.Domain.Tenants;
using Countersign.Domain.Webhooks;

namespace Countersign.Projections.Store;

/// <summary>
/// The stored name of every event. A name is never changed and never given to another shape: a new shape is a new record with
/// the suffix <c>_v2</c>. See docs/how-to/add-an-event.md.
/// </summary>
public static class EventAliases
{
    /// <summary>All events and their names.</summary>
    public static ImmutableArray<KeyValuePair<Type, string>> All { get; } =
    [
        Of<InstanceStarted>("instance.started"),
        Of<InstanceCompleted>("instance.completed"),
        Of<InstanceCancelled>("instance.cancelled"),
        Of<ElementEntered>("element.entered"),
        Of<ElementLeft>("element.left"),
        Of<ElementPassed>("element.passed"),
        Of<StepsTaken>("steps.taken"),
        Of<ElementTerminated>("element.terminated"),
        Of<VariablesSet>("variables.set"),
        Of<JobCreated>("job.created"),
        Of<JobRetried>("job.retried"),
        Of<JobCompleted>("job.completed"),
        Of<JobFailed>("job.failed"),
        Of<JobCancelled>("job.cancelled"),
        Of<TaskCreated>("task.created"),
        Of<TaskClaimed>("task.claimed"),
        Of<TaskReleased>("task.released"),
        Of<TaskReassigned>("task.reassigned"),
        Of<TaskCompleted>("task.completed"),
        Of<TaskCancelled>("task.cancelled"),
        Of<DecisionRecorded>("decision.recorded"),
        Of<DecisionReviewed>("decision.reviewed"),
        Of<TimerSet>("timer.set"),
        Of<TimerFired>("timer.fired"),
        Of<TimerCancelled>("timer.cancelled"),
        Of<SubscriptionOpened>("subscription.opened"),
        Of<MessageCorrelated>("message.correlated"),
        Of<SubscriptionClosed>("subscription.closed"),
        Of<EventThrown>("event.thrown"),
        Of<CallStarted>("call.started"),
        Of<CallReported>("call.reported"),
        Of<CallCancelled>("call.cancelled"),
        Of<RepetitionStarted>("repetition.started"),
        Of<RepetitionAdvanced>("repetition.advanced"),
        Of<RepetitionSliceFinished>("repetition.slice_finished"),
        Of<CompensationArmed>("compensation.armed"),
        Of<CompensationStarted>("compensation.started"),
        Of<CompensationHandled>("compensation.handled"),
        Of<CompensationFinished>("compensation.finished"),
        Of<InstanceSuspended>("instance.suspended"),
        Of<InstanceResumed>("instance.resumed"),
        Of<InstanceModified>("instance.modified"),
        Of<InstanceMigrated>("instance.migrated"),
        Of<InstanceContinued>("instance.continued"),
        Of<InstanceTakenOver>("instance.taken_over"),
        Of<InstanceLimitNeared>("instance.limit_neared"),
        Of<InstanceLimitRaised>("instance.limit_raised"),
        Of<IncidentRaised>("incident.raised"),
        Of<IncidentResolved>("incident.resolved"),
        Of<PolicyDrafted>("policy.drafted"),
        Of<PolicyPublished>("policy.published"),
        Of<PolicyDraftRejected>("policy.draft_rejected"),
        Of<PolicyKillSwitchSet>("policy.kill_switch_set"),
        Of<ReferenceTablePublished>("reference_table.published"),
        Of<AccessDenied>("access.denied"),
        Of<SignedIn>("access.signed_in"),
        Of<SignedOut>("access.signed_out"),
        Of<TenantCreated>("tenant.created"),
        Of<PlanChosen>("plan.chosen"),
        Of<PlanEnded>("plan.ended"),
        Of<PlanPaymentChanged>("plan.payment_changed"),
        Of<MemberAdded>("member.added"),
        Of<MemberChanged>("member.changed"),
        Of<KeyMade>("key.made"),
        Of<KeyReplaced>("key.replaced"),
        Of<KeyRevoked>("key.revoked"),
        Of<WebhookEndpointCreated>("webhook_endpoint.created"),
        Of<WebhookSecretRotated>("webhook_endpoint.secret_rotated"),
        Of<WebhookEndpointDisabled>("webhook_endpoint.disabled"),
        Of<WebhookEndpointEnabled>("webhook_endpoint.enabled"),
        Of<WebhookEndpointDeleted>("webhook_endpoint.deleted"),
        Of<ProcessPublished>("process.published"),
        Of<ProcessRolloutChanged>("process.rollout_changed"),
        Of<ProcessVersionPromoted>("process.version_promoted"),
        Of<ProcessVersionWithdrawn>("process.version_withdrawn"),
        Of<DocumentStored>("document.stored"),
        Of<ExportRequested>("export.requested"),
        Of<ExportBegun>("export.begun"),
        Of<ExportCompleted>("export.completed"),
        Of<ExportFailed>("export.failed"),
        Of<ExportDownloaded>("export.downloaded"),
        Of<ExportExpired>("export.expired"),
        Of<BatchRequested>("batch.requested"),
        Of<BatchCancelAsked>("batch.cancel_asked"),
        Of<BatchCompleted>("batch.completed"),
        Of<BatchCancelled>("batch.cancelled"),
    ];

    private static readonly FrozenDictionary<Type, string> ByType = All.ToFrozenDictionary();

    /// <summary>The name of an event type, or null when it has none.</summary>
    public static string? Of(Type type) => ByType.GetValueOrDefault(type);

    private static KeyValuePair<Type, string> Of<T>(string alias) => new(typeof(T), alias);
}
