using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Exports;
using Countersign.Client.Instances;
using Countersign.Client.Keys;
using Countersign.Client.Members;
using Countersign.Client.Policies;
using Countersign.Client.Processes;
using Countersign.Client.ReferenceTables;
using Countersign.Client.Tasks;
using Countersign.Client.Tenants;
using Countersign.Client.Trail;
using Countersign.Client.Webhooks;

namespace Countersign.Console.Sample;

/// <summary>Answers the API's routes from <see cref="SampleData"/>. Failures can be ordered by path, so that pages can be seen in trouble.</summary>
public sealed class FakeApi
{
    private readonly TimeProvider clock;
    private readonly SampleData data;
    private readonly Dictionary<string, (int Status, string Code, string Detail)> orders = new(StringComparer.Ordinal);
    private readonly DateTimeOffset born;
    private ProcessRolloutView? rollout;
    private int exportAsked;

    internal FakeApi(TimeProvider clock)
    {
        this.clock = clock;
        born = clock.GetUtcNow();
        data = new SampleData(born);
        data.Cases[1].Assignee = "ben";
        data.Cases[5].Assignee = "cleo";
        rollout = new ProcessRolloutView("invoice", 1, 2, new RolloutView(0.1m, [], born.AddDays(-2), born.AddHours(-20), "dora", "The new gate is tried on a tenth of the invoices first."), 7,
            [new VersionCounts(1, 1_284, 1_197, 6, 2, 9), new VersionCounts(2, 141, 128, 1, 1, 1)], []);
    }

    /// <summary>What was sent to answer tasks, in order.</summary>
    public List<CompleteTaskRequest> Answers { get; } = [];

    /// <summary>Variables that were set from outside, in order.</summary>
    public List<SetVariablesRequest> VariablesSet { get; } = [];

    /// <summary>What was sent to change a rollout, in order.</summary>
    public List<RolloutRequest> Rollouts { get; } = [];

    /// <summary>Idempotency keys of all acts, in order.</summary>
    public List<string> Keys { get; } = [];

    /// <summary>Lists are empty.</summary>
    public bool Empty { get; set; }

    /// <summary>Id of the n-th case's task.</summary>
    public string TaskId(int n) => data.Cases[n].TaskId;

    /// <summary>Id of the n-th case.</summary>
    public Guid InstanceId(int n) => data.Cases[n].Instance;

    /// <summary>Id of the n-th case's decision.</summary>
    public string DecisionId(int n) => data.Cases[n].DecisionId;

    /// <summary>Every request whose path starts so is answered with this problem.</summary>
    public void Refuse(string path, int status, string code, string detail) => orders[path] = (status, code, detail);

    /// <summary>Takes the order back.</summary>
    public void Allow(string path) => orders.Remove(path);

    internal void Map(WebApplication app)
    {
        var v1 = app.MapGroup("/v1").DisableAntiforgery();
        v1.AddEndpointFilter(async (call, next) =>
        {
            var http = call.HttpContext;
            if (!http.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.Ordinal))
                return Problem(401, "access.unauthenticated", "Send a bearer token.");
            if (HttpMethods.IsPost(http.Request.Method))
                Keys.Add(http.Request.Headers["Idempotency-Key"].ToString());
            foreach (var (path, order) in orders)
            {
                if (http.Request.Path.StartsWithSegments(path, StringComparison.Ordinal))
                    return Problem(order.Status, order.Code, order.Detail);
            }

            return await next(call);
        });
        People(v1);
        Work(v1);
        Setup(v1);
    }

    private static string User(HttpContext http) => http.Request.Headers.Authorization.ToString()["Bearer ".Length..].Split(':')[0];

    private static IResult Json<T>(T value, int status = 200) => Results.Json(value, ClientJson.Options, statusCode: status);

    private static IResult List<T>(IEnumerable<T> items, string? next = null) => Json(new Page<T>([.. items], next));

    private static IResult Rows<T>(bool none, IEnumerable<T> items) => List(none ? [] : items);

    private static IResult Problem(int status, string code, string detail) =>
        Results.Json(new Problem("urn:countersign:problem:" + code, "Refused", status, detail, "4bf92f3577b34da6a3ce929d0e0e4736"), ClientJson.Options, "application/problem+json", status);

    private static IResult Missing() => Problem(404, "resource.not_found", "There is no such thing in this organisation.");

    private static void People(RouteGroupBuilder v1)
    {
        v1.MapGet("/me", (HttpContext h) => Json(SampleData.Me(User(h))));
        v1.MapGet("/tenant", () => Json(new TenantView("acmefinance", "Acme Finance", "Europe/Berlin", DateTimeOffset.UnixEpoch)));
        v1.MapGet("/usage", () => Json(SampleData.Usage));
        v1.MapGet("/usage/lines", () => List(SampleData.UsageLines));
        v1.MapGet("/plans", () => List(SampleData.Plans));
        v1.MapPost("/plan/choose", () => Json(SampleData.Plans[1]));
        v1.MapGet("/members", () => List(SampleData.Names.Select(n => new MemberView(n.Key, n.Value, n.Key + "@acme.example", n.Key == "dora" ? ["admin", "designer"] : n.Key == "tess" ? ["auditor"] : [],
            n.Key is "ben" or "cleo" ? ["approvers"] : [], true, 1))));
    }

    private void Work(RouteGroupBuilder v1)
    {
        v1.MapGet("/tasks", (HttpContext h, bool? mine) => Rows(Empty, data.Cases.Where(c => !c.Done && c.TaskId != data.Cases[5].TaskId)
            .Where(c => mine switch { true => c.Assignee == User(h), false => c.Assignee is null, _ => true }).Select(c => c.Item(User(h))).OrderByDescending(t => t.Priority).ThenBy(t => t.CreatedAt)));
        v1.MapGet("/tasks/{id}", (string id, HttpContext h) => Find(c => c.TaskId == id && !c.Done) is { } c ? Json(c.View(User(h), Form())) : Missing());
        v1.MapPost("/tasks/{id}/claim", (string id, HttpContext h) => Act(id, c => c.Assignee = User(h)));
        v1.MapPost("/tasks/{id}/release", (string id) => Act(id, c => c.Assignee = null));
        v1.MapPost("/tasks/{id}/reassign", async (string id, HttpContext h) =>
        {
            var request = (await JsonSerializer.DeserializeAsync<ReassignTaskRequest>(h.Request.Body, ClientJson.Options))!;
            return Act(id, c => c.Assignee = request.To);
        });
        v1.MapPost("/tasks/{id}/complete", async (string id, HttpContext h) =>
        {
            var request = (await JsonSerializer.DeserializeAsync<CompleteTaskRequest>(h.Request.Body, ClientJson.Options))!;
            Answers.Add(request);
            return Act(id, c => c.Done = true);
        });
        v1.MapGet("/instances", (string? status) => Rows(Empty, data.Cases.Select(c => c.ListItem()).Where(i => status is null || ClientJson.NameOf(i.Status) == status)));
        v1.MapPost("/instances", () => Json(data.Cases[0].View(), 201));
        v1.MapGet("/instances/{id:guid}", (Guid id) => Find(c => c.Instance == id) is { } c ? Json(c.View()) : Missing());
        v1.MapGet("/instances/{id:guid}/history", (Guid id) => Find(c => c.Instance == id) is { } c ? List(c.History()) : Missing());
        v1.MapPost("/instances/{id:guid}/cancel", (Guid id) => Find(c => c.Instance == id) is { } c ? Json(c.View()) : Missing());
        v1.MapGet("/incidents", (Guid? instance) => Rows(Empty || (instance is not null && instance != data.Cases[5].Instance), [data.Incident(born)]));
        v1.MapPost("/incidents/{id}/retry", (string id) => Json(new Client.Incidents.IncidentResult(id, data.Cases[5].Instance, true)));
        foreach (var act in (string[])["suspend", "resume", "modify", "raise-limit", "continue"])
            v1.MapPost("/instances/{id:guid}/" + act, (Guid id) => Find(c => c.Instance == id) is { } c ? Json(c.View()) : Missing());
        v1.MapPost("/instances/{id:guid}/variables", async (Guid id, HttpContext h) =>
        {
            VariablesSet.Add((await JsonSerializer.DeserializeAsync<SetVariablesRequest>(h.Request.Body, ClientJson.Options))!);
            return Find(c => c.Instance == id) is { } c ? Json(c.View()) : Missing();
        });
        foreach (var act in (string[])["skip", "reroute"])
            v1.MapPost("/incidents/{id}/" + act, (string id) => Json(new Client.Incidents.IncidentResult(id, data.Cases[5].Instance, true)));
        v1.MapGet("/batches", () => Rows(Empty, [data.Cases[0].Batch()]));
        v1.MapPost("/batches", () => Json(data.Cases[0].Batch(), 201));
        v1.MapGet("/batches/{id:guid}", (Guid id) => id == data.Cases[0].Batch().Id ? Json(data.Cases[0].Batch()) : Missing());
        v1.MapGet("/batches/{id:guid}/items", (string? outcome) => List(outcome is null or "refused" ? [data.Cases[0].BatchPart()] : Array.Empty<Client.Batches.BatchItem>()));
        v1.MapPost("/batches/{id:guid}/cancel", () => Json(data.Cases[0].Batch()));
        v1.MapGet("/decisions", (string? verdict) => Rows(Empty, data.Cases.Select(c => c.DecisionItem()).Where(d => verdict is null || ClientJson.NameOf(d.Verdict) == verdict)));
        v1.MapGet("/decisions/{id}", (string id) => Find(c => c.DecisionId == id) is { } c ? Json(c.Decision()) : Missing());
        v1.MapPost("/documents", () => Json(data.Cases[0].Document, 201));
        v1.MapGet("/documents/{id:guid}", (Guid id) => Find(c => c.DocumentId == id) is { } c ? Json(c.Document) : Missing());
        v1.MapGet("/documents/{id:guid}/content", (Guid id) => Find(c => c.DocumentId == id) is { } c ? Results.Bytes(c.Pdf, "application/pdf") : Missing());
        v1.MapGet("/dashboards/overview", () => Json(SampleData.Overview(clock.GetUtcNow())));
    }

    private void Setup(RouteGroupBuilder v1)
    {
        v1.MapGet("/trail/checkpoint", () => Json(Checkpoint()));
        v1.MapGet("/trail/checkpoints", () => List([Checkpoint()]));
        v1.MapGet("/trail/keys", () => List([new TrailKey("acmefinance.countersign", "acmefinance.countersign+6f3ab1c2+AbCdEfGhIjKlMnOpQrStUvWxYz0123456789ABCDEFGHIJ", born.AddDays(-90), null)]));
        v1.MapGet("/exports", () => Rows(Empty, [Export(1, ExportStatus.Ready), Export(0.4, ExportStatus.Running)]));
        v1.MapGet("/exports/{id:guid}", (Guid id) => Json(Export(Math.Min(1, ++exportAsked * 0.34), exportAsked >= 3 ? ExportStatus.Ready : ExportStatus.Running)));
        v1.MapPost("/exports", () => Json(Export(0, ExportStatus.Queued), 201));
        v1.MapGet("/webhooks", () => Rows(Empty, [SampleData.Webhook(born)]));
        v1.MapGet("/webhooks/{id:guid}", (Guid id) => id == SampleData.Webhook(born).Id ? Json(SampleData.Webhook(born)) : Missing());
        v1.MapPost("/webhooks", () => Json(new WebhookEndpointCreated(SampleData.Webhook(born), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 201));
        v1.MapPost("/webhooks/{id:guid}/rotate-secret", () => Json(new WebhookEndpointCreated(SampleData.Webhook(born), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));
        v1.MapGet("/webhook-deliveries", () => Rows(Empty, Enumerable.Range(1, 6).Select(n => SampleData.Delivery(born, n, n == 2 ? DeliveryStatus.Failed : n == 1 ? DeliveryStatus.Pending : DeliveryStatus.Delivered))));
        v1.MapGet("/keys", () => Rows(Empty, [SampleData.Key(born, "ERP import"), SampleData.Key(born, "Old scanner", born.AddDays(-3))]));
        v1.MapPost("/keys", () => Json(new KeyCreated(SampleData.Key(born, "New key"), "cs_live_7fQ2x8Lr0aVb3NnYtE5uKd9WmZ1pHs4c"), 201));
        v1.MapGet("/processes", () => Rows(Empty, [new ProcessListItem("invoice", "Invoice approval", 2, "e77f01", born.AddDays(-12), rollout is null ? 2 : 1, rollout?.Candidate)]));
        v1.MapGet("/processes/{key}/rollout", (string key) => Json(rollout ?? new ProcessRolloutView(key, 2, null, null, 2, [], [])));
        v1.MapPost("/processes/{key}/versions/{n:int}/rollout", (RolloutRequest asked) => Widen(asked));
        v1.MapPost("/processes/{key}/versions/{n:int}/promote", () => Close());
        v1.MapPost("/processes/{key}/versions/{n:int}/withdraw", () => Close());
        v1.MapGet("/processes/{key}/versions", () => List([Version(2), Version(1)]));
        v1.MapGet("/processes/{key}/versions/{n:int}", (int n) => Json(Version(n)));
        v1.MapGet("/processes/{key}/versions/{n:int}/sources", () => Json(new ProcessSourcesView("e77f01", Pack("invoice.bpmn"), [new ProcessResource("gate.dmn", Pack("gate.dmn"))])));
        v1.MapGet("/policies", () => Rows(Empty, [new PolicyListItem("invoice-approval", "Invoice approval", 5, 4, false, born.AddDays(-2))]));
        v1.MapGet("/policies/{key}/versions", () => List([Policy(5, PolicyStatus.Draft), Policy(4, PolicyStatus.Published), Policy(3, PolicyStatus.Published)]));
        v1.MapGet("/policies/{key}/versions/{n:int}", (int n) => Json(Policy(n, n == 5 ? PolicyStatus.Draft : PolicyStatus.Published)));
        v1.MapGet("/reference-tables", () => Rows(Empty, [Table("vendors", ["id", "name", "vat", "iban"], 214), Table("purchase-orders", ["number", "vendor", "currency", "net"], 1820)]));
        v1.MapGet("/reference-tables/{name}", (string name) => Json(Table(name, ["id", "name", "vat", "iban"], 214)));
        v1.MapGet("/reference-tables/{name}/rows", () => List(data.Cases.Select((c, i) => new ReferenceTableRow(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["id"] = "V-" + (300 + i),
            ["name"] = c.Seller,
            ["vat"] = "DE81123456" + i,
            ["iban"] = "DE89370400440532013000",
        }))));
    }

    private IResult Act(string id, Action<SampleCase> act)
    {
        if (Find(c => c.TaskId == id && !c.Done) is not { } found)
            return Missing();
        act(found);
        return Json(new TaskResult(id, found.Instance, found.Done ? TaskState.Completed : found.Assignee is null ? TaskState.Open : TaskState.Claimed, found.Assignee, InstanceStatus.Running));
    }

    private IResult Widen(RolloutRequest asked)
    {
        Rollouts.Add(asked);
        rollout = rollout! with { Rollout = rollout.Rollout! with { Share = asked.Share, Groups = asked.Groups ?? [], Reason = asked.Reason }, EmptyGroups = asked.Groups?.Where(g => g.StartsWith("no", StringComparison.Ordinal)).ToList() };
        return Json(rollout);
    }

    private IResult Close()
    {
        var answer = Json(rollout! with { Candidate = null, Rollout = null, Counts = null });
        rollout = null;
        return answer;
    }

    private ProcessVersionState StateOf(int n) => rollout is null ? n == 2 ? ProcessVersionState.InForce : ProcessVersionState.Replaced : n == 2 ? ProcessVersionState.Candidate : ProcessVersionState.InForce;

    private SampleCase? Find(Predicate<SampleCase> which) => data.Cases.Find(which);

    private CheckpointView Checkpoint() => new("acmefinance.countersign/1", 18_204, "cB3n0q8b9uXkLh0mS1o8kZ5r0tq3m1vVvQe4D7sXh0k=",
        "acmefinance.countersign/1\n18204\ncB3n0q8b9uXkLh0mS1o8kZ5r0tq3m1vVvQe4D7sXh0k=\n\n— acmefinance.countersign bzqxwk8p…\n", clock.GetUtcNow().AddSeconds(-23));

    private ExportView Export(double progress, ExportStatus status) => new(Guid.Parse(status == ExportStatus.Ready && exportAsked == 0 ? "0198c0de-0000-7000-8000-00000000ee02" : "0198c0de-0000-7000-8000-00000000ee01"), status, progress,
        status == ExportStatus.Ready ? "Ready." : "Writing decisions.", born.AddDays(-30), born, "Quarterly audit", "tess", born.AddMinutes(-4), status == ExportStatus.Ready ? 4_812_331 : null,
        status == ExportStatus.Ready ? "9f2c1ab4d6e8f0112233445566778899aabbccddeeff00112233445566778899" : null);

    private ProcessVersionView Version(int n) => new($"invoice:{n}", "invoice", n, "Invoice approval", "e77f01", born.AddDays(-12 * (3 - n)), "dora",
        n == 1 ? [new ProcessFinding("timer.short", FindingSeverity.Warning, "overdue", "The reminder comes after two days.", "Set a longer time if approvers are away for a week.")] : [],
        n == 3 ? [new TimerStartView("monday", "Every Monday", "0 0 8 * * MON", born.AddDays(4), null, born.AddDays(-3), null, null)] : [], StateOf(n), n == 2 ? rollout?.Rollout : null);

    private PolicyVersionView Policy(int n, PolicyStatus status) => new($"invoice-approval:{n}", "invoice-approval", n, status, "c41d0e7b6a5f9988", "The limit for two people goes from 15,000 to 10,000.", "dora", born.AddDays(-20 + n), status == PolicyStatus.Draft ? null : "otto",
        status == PolicyStatus.Draft ? null : born.AddDays(-19 + n), Pack("policy.json"), Pack("gate.dmn"));

    private ReferenceTableView Table(string name, string[] columns, int rows) => new(name, 3, columns, [columns[0]], rows, "aa11bb22cc33", born.AddDays(-1), "dora");

    private static JsonElement Form() => JsonDocument.Parse(Pack(Path.Combine("forms", "review.form"))).RootElement;

    private static string Pack(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "samples", "invoice", file);
            if (File.Exists(path))
                return File.ReadAllText(path);
        }

        throw new FileNotFoundException("Run from inside the repository: samples/invoice was not found above the test binaries.", file);
    }
}
