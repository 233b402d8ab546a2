using System.Globalization;
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

namespace Countersign.Domain.Trail;

/// <summary>
/// Every kind of fact as one sentence for people: what auditors read. Actors are named by their ids (the reader's view puts names in); secrets, hashes of secrets and personal
/// values are never named. A test holds this against the table of stored names.
/// </summary>
public static class AuditSentences
{
    /// <summary>The sentence; null for a fact of a kind this version does not know.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="graph">The process version's graph for facts of an instance; null gives ids instead of names.</param>
    public static string? Of(object fact, ProcessGraph? graph = null) => fact switch
    {
        IInstanceEvent e => InstanceSentences.Of(e, graph),
        IPolicyEvent e => Policy(e),
        IWebhookEvent e => Webhook(e),
        IKeyEvent e => Key(e),
        IExportEvent e => Export(e),
        IBatchEvent e => Batch(e),
        TenantCreated e => $"The tenant '{e.Name}' was set up as {e.TenantId}.",
        PlanChosen e => $"{e.By} chose the plan '{e.Plan}': {e.Reason}",
        PlanEnded e => $"The plan '{e.Plan}' ended with its subscription {e.SubscriptionId} ({e.Status}); the default plan holds until a plan is chosen.",
        PlanPaymentChanged e => $"{(e.Overdue ? "Payment is overdue" : "Nothing is overdue any more")} for the plan '{e.Plan}' (subscription {e.SubscriptionId}, {e.Status}).",
        MemberAdded e => $"{e.By} made {e.MemberId} a member with {Rights(e.Roles, e.Groups)}.",
        MemberChanged e => $"{e.By} changed a member to {Rights(e.Roles, e.Groups)}{(e.Active ? "" : " and barred the member")}: {e.Reason}",
        AccessDenied e => Text($"{e.ActorId} was refused {e.Command} ({e.Code}){(e.Count > 1 ? Text($", {e.Count} times") : "")}."),
        SignedIn e => $"{e.ActorId} signed in to {e.Client}.",
        SignedOut e => $"{e.ActorId} signed out.",
        ReferenceTablePublished e => Text($"{e.By} published version {e.Version} of the table '{e.Name}' with {e.Rows} rows."),
        IProcessEvent e => Process(e),
        DocumentStored e => Text($"{e.By} stored a document of {e.Size} bytes ({e.MediaType}) as {e.DocumentId}."),
        _ => null,
    };

    private static string? Policy(IPolicyEvent fact) => fact switch
    {
        PolicyDrafted e => Text($"{e.By} drafted version {e.Version} of the policy '{e.Key}': {e.Note}"),
        PolicyPublished e => Text($"{e.By} approved version {e.Version} of the policy; new instances are decided by it."),
        PolicyDraftRejected e => Text($"{e.By} turned down version {e.Version} of the policy: {e.Reason}"),
        PolicyKillSwitchSet { On: true } e => $"{e.By} stopped the policy, so that every question goes to a person: {e.Reason}",
        PolicyKillSwitchSet e => $"{e.By} let the policy decide again: {e.Reason}",
        _ => null,
    };

    private static string? Process(IProcessEvent fact) => fact switch
    {
        ProcessPublished { Rollout: { } rollout } e => Text($"{e.By} published version {e.Version} of the process '{e.Name}' for {rollout}: {e.Reason}"),
        ProcessPublished e => Text($"{e.By} published version {e.Version} of the process '{e.Name}'."),
        ProcessRolloutChanged e => Text($"{e.By} let version {e.Version} of the process start for {e.Rollout}: {e.Reason}"),
        ProcessVersionPromoted e => Text($"{e.By} put version {e.Version} of the process in force for all, in the place of version {e.Replaces}: {e.Reason}"),
        ProcessVersionWithdrawn e => Text($"{e.By} withdrew version {e.Version} of the process: {e.Reason}"),
        _ => null,
    };

    private static string? Webhook(IWebhookEvent fact) => fact switch
    {
        WebhookEndpointCreated e => $"{e.By} had {string.Join(", ", e.EventTypes.IsDefaultOrEmpty ? ["nothing"] : e.EventTypes)} sent to {e.Url}.",
        WebhookSecretRotated e => Text($"{e.By} changed the secret of a webhook endpoint; the old one works until {e.PreviousUntil.UtcDateTime:yyyy-MM-dd HH:mm} UTC."),
        WebhookEndpointDisabled e => $"{e.By} switched a webhook endpoint off: {e.Cause}",
        WebhookEndpointEnabled e => $"{e.By} switched a webhook endpoint on again.",
        WebhookEndpointDeleted e => $"{e.By} deleted a webhook endpoint.",
        _ => null,
    };

    private static string? Key(IKeyEvent fact) => fact switch
    {
        KeyMade e => Text($"{e.By} made the key '{e.Name}' ({e.Prefix}...) with {Rights(e.Roles, [])}; it expires on {e.ExpiresAt.UtcDateTime:yyyy-MM-dd}."),
        KeyReplaced e => Text($"{e.By} replaced a key; the old one works until {e.WorksUntil.UtcDateTime:yyyy-MM-dd HH:mm} UTC."),
        KeyRevoked e => $"{e.By} revoked a key.",
        _ => null,
    };

    private static string? Export(IExportEvent fact) => fact switch
    {
        ExportRequested e => Text($"{e.By} asked for an export of what was recorded from {e.From.UtcDateTime:yyyy-MM-dd HH:mm} to {e.Before.UtcDateTime:yyyy-MM-dd HH:mm} UTC{(e.Process is null ? "" : Text($" about the process '{e.Process}'"))}{(e.InstanceId is null ? "" : Text($" about the instance {e.InstanceId}"))}: {e.Purpose}"),
        ExportBegun e => Text($"The export was begun{(e.Attempt > 1 ? Text($" again (attempt {e.Attempt})") : "")}."),
        ExportCompleted e => Text($"The export was written: {e.Contents} events, {e.Size} bytes, SHA-256 {e.Sha256}; it is kept until {e.KeptUntil.UtcDateTime:yyyy-MM-dd}."),
        ExportFailed e => $"The export was given up: {e.Reason}",
        ExportDownloaded e => $"{e.By} fetched the export.",
        ExportExpired => "The export's file was removed because its time was over.",
        _ => null,
    };

    private static string? Batch(IBatchEvent fact) => fact switch
    {
        BatchRequested e => Text($"{e.By} asked {(e.DryRun ? "what would come of " : "for ")}{Kind(e.Order.Kind)} of {e.Total} {(BatchCommands.ActsOnIncidents(e.Order.Kind) ? "incidents" : "instances")} ({e.Selection}): {e.Reason}"),
        BatchCancelAsked e => $"{e.By} ended the batch early: {e.Reason}",
        BatchCompleted e => $"The batch was carried out: {Counts(e.Counts)}.",
        BatchCancelled e => Text($"The batch was ended early: {Counts(e.Counts)}, {e.Counts.Open} were left as they are."),
        _ => null,
    };

    private static string Kind(BatchKind kind) => kind switch
    {
        BatchKind.Cancel => "the cancelling",
        BatchKind.Suspend => "the suspending",
        BatchKind.Resume => "the resuming",
        BatchKind.Modify => "the modification",
        BatchKind.SetVariables => "new variables",
        BatchKind.Migrate => "the migration",
        BatchKind.Retry => "the retrying",
        _ => "the skipping",
    };

    private static string Counts(BatchCounts c) => Text($"{c.Done} done, {c.Unchanged} unchanged, {c.Refused} refused, {c.Failed} failed");

    private static string Rights(IEnumerable<string> roles, IEnumerable<string> groups)
    {
        var (held, belongs) = (string.Join(", ", roles), string.Join(", ", groups));
        return (held.Length > 0 ? $"the roles {held}" : "no role") + (belongs.Length > 0 ? $" in the groups {belongs}" : "");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
