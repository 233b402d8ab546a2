using System.Text.Json.Nodes;
using Countersign.Api.Http;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Client.Exports;
using Countersign.Client.Incidents;
using Countersign.Client.Instances;
using Countersign.Client.Jobs;
using Countersign.Client.Keys;
using Countersign.Client.Members;
using Countersign.Client.Messages;
using Countersign.Client.Policies;
using Countersign.Client.Processes;
using Countersign.Client.ReferenceTables;
using Countersign.Client.Tasks;
using Countersign.Client.Usage;
using Countersign.Client.Webhooks;

namespace Countersign.Api.Hosting;

/// <summary>One example of each request body, as the description shows it; a test reads each of them as strictly as the routes do.</summary>
internal static class RequestExamples
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static readonly Dictionary<Type, string> Texts = new()
    {
        [typeof(CreateExportRequest)] = """{"from":"2026-01-01T00:00:00Z","before":"2026-04-01T00:00:00Z","purpose":"Audit of the first quarter"}""",
        [typeof(CreateBatchRequest)] = """{"kind":"migrate","selection":{"process":"invoice","version":1},"reason":"The new law applies to open cases.","dryRun":true,"targetVersion":2,"mapping":{"approve":"sign"}}""",
        [typeof(CancelBatchRequest)] = """{"reason":"The wrong version was chosen."}""",
        [typeof(RetryIncidentRequest)] = """{"reason":"The vendor table has been corrected."}""",
        [typeof(CancelInstanceRequest)] = """{"reason":"The supplier withdrew the invoice."}""",
        [typeof(SkipIncidentRequest)] = """{"reason":"The archive is down for good; the file was stored by hand.","variables":{"archived":true}}""",
        [typeof(RerouteIncidentRequest)] = """{"elementId":"review","reason":"The supplier's system is closed; a person takes it on."}""",
        [typeof(SuspendInstanceRequest)] = """{"reason":"The supplier disputes the invoice."}""",
        [typeof(ResumeInstanceRequest)] = """{"reason":"The dispute is settled."}""",
        [typeof(RaiseInstanceLimitRequest)] = """{"limit":60000,"reason":"The audit of the year is nearly through."}""",
        [typeof(ContinueInstanceRequest)] = """{"reason":"Ten years of monthly runs; it goes on for ten more."}""",
        [typeof(SetVariablesRequest)] = """{"variables":{"costCentre":"4711"},"reason":"The cost centre was closed."}""",
        [typeof(ModifyInstanceRequest)] = """{"reason":"Approved on paper.","move":[{"from":"approve","to":"book"}]}""",
        [typeof(MigrateInstanceRequest)] = """{"version":2,"reason":"The new law applies to open cases.","mapping":{"approve":"sign"},"dryRun":true}""",
        [typeof(StartInstanceRequest)] = """{"process":"invoice","variables":{"document":{"id":"0197a1de-0000-7000-8000-000000000001"}},"businessKey":"INV-2026-0042"}""",
        [typeof(ActivateJobsRequest)] = """{"type":"archive","worker":"archiver-1","maxJobs":10,"leaseSeconds":60}""",
        [typeof(CompleteJobRequest)] = """{"attempt":1,"variables":{"archived":true},"leaseToken":"0d9f3c1e5b7a4a6f8e2d1c0b9a887766"}""",
        [typeof(ExtendJobRequest)] = """{"attempt":1,"leaseSeconds":120}""",
        [typeof(FailJobRequest)] = """{"attempt":1,"errorCode":"archive.unreachable","message":"The archive did not answer.","retryable":true,"retryAfterSeconds":30}""",
        [typeof(ThrowJobErrorRequest)] = """{"attempt":1,"errorCode":"DUPLICATE","message":"The archive holds this document already."}""",
        [typeof(CreateKeyRequest)] = """{"name":"Archive","roles":["integrator"],"expiresAt":null}""",
        [typeof(RotateKeyRequest)] = """{"overlapHours":24}""",
        [typeof(ChoosePlanRequest)] = """{"plan":"business","reason":"It works for us."}""",
        [typeof(PublishMessageRequest)] = """{"name":"payment received","correlationKey":"INV-2026-0042","variables":{"paidOn":"2026-03-02"},"timeToLiveSeconds":3600,"messageId":"bank-17-883"}""",
        [typeof(UpdateMemberRequest)] = """{"roles":["auditor"],"groups":["approvers"],"active":true,"reason":"Joined the approvers."}""",
        [typeof(DraftPolicyRequest)] = """{"document":"{ ... }","gate":"<definitions ...>","note":"Limit for one approver lowered to 5,000 EUR."}""",
        [typeof(PublishPolicyRequest)] = """{"hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}""",
        [typeof(RejectPolicyRequest)] = """{"reason":"The limit is too high."}""",
        [typeof(PolicyKillSwitchRequest)] = """{"on":true,"reason":"The reader misreads totals of one supplier."}""",
        [typeof(PublishProcessRequest)] = """{"bpmn":"<definitions ...>","resources":[{"name":"approve.form","content":"{ ... }"}],"rollout":{"share":0.1,"reason":"Try the new gate on a tenth first."}}""",
        [typeof(RolloutRequest)] = """{"groups":["pilots"],"reason":"The pilot office goes first."}""",
        [typeof(PromoteVersionRequest)] = """{"reason":"A week without an incident."}""",
        [typeof(WithdrawVersionRequest)] = """{"reason":"Totals with a discount are read wrongly."}""",
        [typeof(ImportProcessRequest)] = """{"bpmn":"<definitions ...>","resources":[{"name":"rates.dmn","content":"<definitions ...>"}],"processId":"loan"}""",
        [typeof(TestRunRequest)] = """{"process":"invoice","variables":{"amount":900},"tasks":[{"elementId":"review","person":"ben","groups":["approvers"],"verdict":"approve","afterSeconds":3600}],"jobs":[{"type":"archive","variables":{"archived":true}}],"decisions":[{"policy":"invoice-approval","verdict":"review"}]}""",
        [typeof(PublishReferenceTableRequest)] = """{"columns":["id","name"],"rows":[["V-1","Müller GmbH"],["V-2",null]],"key":["id"]}""",
        [typeof(CompleteTaskRequest)] = """{"verdict":"approve","reason":"Matches the order.","variables":{"invoice.costCentre":"4711"}}""",
        [typeof(ReassignTaskRequest)] = """{"to":"cleo-acme","reason":"Holiday."}""",
        [typeof(CreateWebhookEndpointRequest)] = """{"url":"https://partner.example/hooks","eventTypes":["invoice.booked"],"description":"Ledger"}""",
        [typeof(ReplayDeliveriesRequest)] = """{"from":"2026-01-01T00:00:00Z","before":"2026-01-02T00:00:00Z","onlyFailed":true}""",
    };

    /// <summary>Every type with an example.</summary>
    public static IReadOnlyDictionary<Type, string> All => Texts;

    /// <summary>The example of a body, or null where the body is bytes.</summary>
    public static JsonNode? Of(Type type) => Texts.TryGetValue(type, out var text) ? JsonNode.Parse(text) : null;

    /// <summary>A problem with this status, as the edge makes it.</summary>
    public static Problem Problem(int status) => ProblemOf(status).Body(Trace);

    private static ProblemAnswer ProblemOf(int status) => status switch
    {
        404 => Problems.NotFound(),
        409 => Problems.Of("resource.conflict", "The task was answered by somebody else. Read it again."),
        412 => Problems.Of("precondition.failed", "The resource has changed since you read it. Read it again, and repeat the change if it still makes sense."),
        422 => Problems.Invalid("/reason", "Give a reason of 1 to 2,000 characters; it is kept in the trail."),
        428 => Problems.Of("precondition.missing", "Send If-Match with the ETag of the version you read, so that nobody's change is lost.", new ProblemError("If-Match", "missing")),
        _ => Problems.OfStatus(status),
    };
}
