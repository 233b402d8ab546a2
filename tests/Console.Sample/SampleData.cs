using System.Globalization;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Dashboards;
using Countersign.Client.Decisions;
using Countersign.Client.Documents;
using Countersign.Client.Incidents;
using Countersign.Client.Instances;
using Countersign.Client.Keys;
using Countersign.Client.Members;
using Countersign.Client.Tasks;
using Countersign.Client.Usage;
using Countersign.Client.Webhooks;

namespace Countersign.Console.Sample;

/// <summary>Made-up cases of one afternoon at Acme Finance.</summary>
internal sealed class SampleData
{
    public static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["ana"] = "Ana Torres",
        ["ben"] = "Ben Okafor",
        ["cleo"] = "Cleo Martin",
        ["dora"] = "Dora Lindqvist",
        ["otto"] = "Otto Brandt",
        ["tess"] = "Tess Nguyen",
    };

    private static readonly string[] Sellers = ["Nordlicht Papier GmbH", "Brightwater Cleaning Ltd", "Kestrel Logistics BV", "Ardennes Catering SA", "Helio Office Supplies", "Pine & Palmer Legal LLP", "Castell Werkzeugbau AG"];

    public SampleData(DateTimeOffset now)
    {
        for (var i = 0; i < Sellers.Length; i++)
            Cases.Add(new SampleCase(i, Sellers[i], now));
    }

    public List<SampleCase> Cases { get; } = [];

    public static PlanView[] Plans { get; } =
    [
        new("free", "Free", "For trying it on real work. 100 cases a month.", 100, new Money("0.00", "EUR"), false),
        new("business", "Business", "Per completed case. Approvers and auditors are free.", null, new Money("0.45", "EUR"), true),
    ];

    public static UsageView Usage { get; } = new(new DateOnly(2026, 11, 1), Plans[1], 1284, 37, true, null, new Money("577.80", "EUR"), false, new Dictionary<string, long>(StringComparer.Ordinal),
        [new UsageDay(new DateOnly(2026, 11, 19), "invoice", 412), new UsageDay(new DateOnly(2026, 11, 20), "invoice", 872)]);

    public static UsageLineView[] UsageLines { get; } =
        [new(new Guid("019ab3c4-0000-7000-8000-000000000001"), new Guid("019ab3c4-0000-7000-8000-000000000002"), "invoice", 4711, new DateTimeOffset(2026, 11, 20, 9, 30, 0, TimeSpan.Zero))];

    public static MeView Me(string user)
    {
        string[] read = ["tasks.read", "instances.read", "decisions.read", "documents.read", "dashboards.read", "processes.read", "policies.read", "reference_tables.read", "incidents.read", "members.read", "trail.read"];
        string[] all = [.. read, "tasks.work", "tasks.reassign", "documents.upload", "instances.start", "instances.cancel", "instances.operate", "incidents.retry", "incidents.resolve", "batches.run", "batches.read", "webhooks.manage", "keys.manage", "exports.create", "exports.read", "usage.read", "plans.manage",
            "processes.publish", "policies.draft", "policies.approve", "policies.kill", "reference_tables.publish", "members.manage"];
        return user switch
        {
            "dora" => new MeView("dora", Names["dora"], CallerKind.Person, "acmefinance", "Acme Finance", ["admin", "designer"], [], all),
            "tess" => new MeView("tess", Names["tess"], CallerKind.Person, "acmefinance", "Acme Finance", ["auditor"], [], [.. read.Except(["tasks.read"]), "exports.create", "exports.read"]),
            _ => new MeView(user, Names.GetValueOrDefault(user, user), CallerKind.Person, "acmefinance", "Acme Finance", [], ["approvers"], [.. read, "tasks.work", "tasks.reassign", "documents.upload", "instances.start", "exports.create", "exports.read"]),
        };
    }

    public static OverviewView Overview(DateTimeOffset now)
    {
        int[] started = [62, 71, 58, 84, 77, 91, 57];
        int[] people = [13, 12, 14, 17, 11, 19, 9];
        return new OverviewView(now.AddDays(-7), now, started.Sum(), 7, 491, 2, 497, 0.812, 0.188,
            new Dictionary<string, int>(StringComparer.Ordinal) { ["accept"] = 404, ["review"] = 61, ["two_people"] = 24, ["escalate"] = 5, ["reject"] = 3 }, 3, 7, 1,
            new Percentiles(1840, 6120, 11400),
            [.. started.Select((s, i) => new DayCount(DateOnly.FromDateTime(now.UtcDateTime.AddDays(i - 6)), s, s - people[i], people[i]))]);
    }

    public static KeyView Key(DateTimeOffset now, string name, DateTimeOffset? revoked = null) =>
        new(Guid.CreateVersion7(now), name, "cs_live_7fQ2", ["integrator"], now.AddDays(-40), "dora", now.AddDays(325), now.AddMinutes(-3), revoked, null);

    public static WebhookEndpointView Webhook(DateTimeOffset now) =>
        new(Guid.Parse("0198c0de-0000-7000-8000-00000000aa01"), "https://erp.acme.example/hooks/countersign", ["invoice.booked", "invoice.decided"], "Books into the ERP", WebhookEndpointStatus.Enabled, null,
            now.AddDays(-60), "dora", null, now.AddMinutes(-30), 3);

    public static DeliveryView Delivery(DateTimeOffset now, int n, DeliveryStatus status) =>
        new(Guid.CreateVersion7(now.AddMinutes(-n)), Webhook(now).Id, $"msg_{n:0000}", "com.countersign.invoice.booked.v1", status, status == DeliveryStatus.Delivered ? 1 : 3, now.AddMinutes(-n * 7),
            status == DeliveryStatus.Pending ? now.AddMinutes(4) : null, status == DeliveryStatus.Delivered ? now.AddMinutes(-n * 7) : null,
            [new DeliveryAttempt(1, now.AddMinutes(-n * 7), status == DeliveryStatus.Delivered ? 204 : 503, null, 84, status == DeliveryStatus.Delivered ? null : "upstream not ready")]);

    public IncidentView Incident(DateTimeOffset now) =>
        new($"{Cases[5].Instance}-31", Cases[5].Instance, "invoice", 2, "book", "job.retries_exhausted", "The ERP answered 503 to the last of 10 attempts. Check that erp.acme.example is up, then retry.",
            $"{Cases[5].Instance}-21", now.AddMinutes(-55));

    public static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value, ClientJson.Options);
}

/// <summary>One made-up invoice with everything that hangs on it.</summary>
internal sealed class SampleCase
{
    private readonly Dictionary<string, (double X, double Y, double W, double H)> places = new(StringComparer.Ordinal);
    private readonly DateTimeOffset now;
    private readonly int index;

    public SampleCase(int index, string seller, DateTimeOffset now)
    {
        this.index = index;
        this.now = now;
        Seller = seller;
        Number = string.Create(CultureInfo.InvariantCulture, $"RE-2026-{4100 + (index * 37)}");
        Net = new decimal[] { 12840m, 318.40m, 2415.75m, 864m, 96.20m, 5200m, 18930.5m }[index];
        Tax = Math.Round(Net * 0.19m, 2);
        Instance = Guid.Parse($"0198c0de-0000-7000-8000-0000000000{index + 16:x2}");
        DocumentId = Guid.Parse($"0198c0de-0000-7000-8000-0000000001{index + 16:x2}");
        IsXml = index == 3;
        Pdf = Draw();
    }

    public string Seller { get; }

    public string Number { get; }

    public decimal Net { get; }

    public decimal Tax { get; }

    public decimal Gross => Net + Tax;

    public Guid Instance { get; }

    public Guid DocumentId { get; }

    public bool IsXml { get; }

    public byte[] Pdf { get; }

    public string? Assignee { get; set; }

    public bool Done { get; set; }

    public string TaskId => $"{Instance}-12";

    public string DecisionId => $"{Instance}-9";

    public Verdict Verdict => Gross >= 10000 ? Verdict.TwoPeople : Verdict.Review;

    public DateTimeOffset At => now.AddMinutes(-17 - (index * 131));

    private string Why => Verdict == Verdict.TwoPeople ? "The amount is 10,000 or more, so two people sign."
        : index == 2 ? "A check failed: order_total." : "The reader is not sure enough for this amount.";

    private string Order => $"PO-{77120 + index}";

    public DocumentView Document => new(DocumentId, IsXml ? $"{Number}.xml" : $"{Number}.pdf", IsXml ? "application/xml" : "application/pdf", IsXml ? 8120 : Pdf.Length,
        "9f2c1ab4d6e8f0112233445566778899aabbccddeeff00112233445566778899", At, "ana", IsXml ? [] : [new DocumentPage(1, 595, 842)]);

    public TaskListItem Item(string user) => new(TaskId, Instance, "invoice", Verdict == Verdict.TwoPeople ? "sign-first" : "review", Verdict == Verdict.TwoPeople ? "First signature" : "Review the invoice", Why,
        Verdict == Verdict.TwoPeople ? 80 : 50, index == 1 ? now.AddHours(-3) : At.AddDays(2), At, Assignee, ["approvers"], null, DecisionId,
        user == "ana" ? "You handed this invoice in, so you cannot sign it." : null,
        new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["seller"] = J(Seller), ["number"] = J(Number), ["gross"] = J(Gross), ["currency"] = J("EUR") });

    public TaskView View(string user, JsonElement form) => new(TaskId, Instance, "invoice", 2, Item(user).ElementId, Item(user).Name, Why, Item(user).Priority, Item(user).DueAt, At, Assignee, ["approvers"], null, form,
        Fields(), Document, Decision(), Decision().Checks, [new DutyView("ana", "initiator", user == "ana", user == "ana" ? "You handed this invoice in, so you cannot sign it." : "Ana Torres handed the invoice in, so she cannot sign it."),],
        ["approve", "correct", "reject"], "5b1f0c" + index);

    public DecisionView Decision() => new(DecisionId, Instance, "invoice", 2, "decide", "invoice-approval", 4, "c41d0e7b6a5f99881122334455667788aabbccddeeff0011223344556677ab12",
        new ModelView("countersign", "invoice-reader", "0.1.0", null, "ab12", DocumentId.ToString(), 0, 0, 212), "77aa12bb90cc34dd55ee6677889900112233445566778899aabbccddeeff0011",
        new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["confidence"] = J(0.884m), ["impact"] = J(Gross), ["failed"] = J(index == 2 ? new[] { "order_total" } : []), ["corrected"] = J(false) },
        0.91m, 0.884m, new Dictionary<string, decimal>(StringComparer.Ordinal) { ["number"] = 0.992m, ["issueDate"] = 0.987m, ["gross"] = 0.884m, ["seller"] = 0.971m, ["orderReference"] = 0.963m },
        Gross, Checks(), [Verdict == Verdict.TwoPeople ? "above-limit" : index == 2 ? "check-failed" : "otherwise"], Verdict, [Why], false, null,
        [.. places.Select(p => Evidence(p.Key))], 1, "4bf92f3577b34da6a3ce929d0e0e4736", At, Done
            ? [new ReviewView(TaskId, Assignee ?? "ben", "5b1f0c" + index, 48200, ["gross", DocumentId.ToString()], ReviewOutcome.Confirmed, "approve", null, null, new Dictionary<string, JsonElement>(StringComparer.Ordinal), "session", "The signer neither handed the invoice in nor reviewed it before.", now)]
            : []);

    public InstanceView View() => new(Instance, "invoice", 2, "e77f", Done ? InstanceStatus.Completed : InstanceStatus.Running, null, At.AddSeconds(-4), "ana", Done ? now : null, 14,
        Done ? [] : index == 5
            ? [new WaitReason(WaitKind.Incident, "book", $"{Instance}-31", "The ERP answered 503 to the last of 10 attempts.", now.AddMinutes(-55), null)]
            : [new WaitReason(WaitKind.Task, Item("ben").ElementId, TaskId, $"Waits for {Assignee ?? "the group approvers"} to do the task '{Item("ben").Name}'.", At, At.AddDays(2), Assignee)],
        new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["document"] = SampleData.Json(new { id = DocumentId, name = Document.Name, mediaType = Document.MediaType, sha256 = Document.Sha256 }),
            ["invoice"] = SampleData.Json(Reading()),
            ["reconciliation"] = SampleData.Json(new { order = Order, vendor = "V-" + (300 + index), vendorName = Seller, orderNet = index == 2 ? Net - 180m : Net }),
        },
        Done ? [] : [index == 5 ? "book" : Item("ben").ElementId], [DecisionId], Done ? [] : [new InstanceToken($"{Instance}-9", index == 5 ? "book" : Item("ben").ElementId, "0", true)],
        StartedInRollout: index switch
        {
            1 => new StartedInRollout(1, 2, true, 0.1m, null, "Version 2 was being rolled out to 10 % of starts and this one has place 734 of 10000, so version 2 was started."),
            2 => new StartedInRollout(2, 3, false, 0.125m, null, "Version 3 was being rolled out to 12.5 % of starts and this one has place 4711 of 10000, so version 2 was started."),
            3 => new StartedInRollout(1, 2, true, null, "clerks", "Version 2 was being rolled out to the group 'clerks' of the starter, so version 2 was started."),
            _ => null,
        },
        Growth: index == 4 ? new InstanceGrowth(41_220, 50_000, true, 90_000, "It has 41,220 facts and stops with an incident at 50,000.") : null,
        PredecessorId: index == 4 ? Guid.Parse("0198c0de-0000-7000-8000-0000000bac04") : null, SuccessorId: index == 6 ? Guid.Parse("0198c0de-0000-7000-8000-0000000bac06") : null,
        ParentId: index == 2 ? Guid.Parse("0198c0de-0000-7000-8000-0000000bac02") : null,
        Called: index == 3 ? [new(Guid.Parse("0198c0de-0000-7000-8000-0000000bac31"), "review", "invoice", false, 1, 1_000), new(Guid.Parse("0198c0de-0000-7000-8000-0000000bac32"), "review", "invoice", true, 1_001, 500),
            new(Guid.Parse("0198c0de-0000-7000-8000-0000000bac33"), "book", "payment", false, null, null)] : []);

    public InstanceListItem ListItem() => new(Instance, "invoice", 2, Done ? InstanceStatus.Completed : InstanceStatus.Running, null, At.AddSeconds(-4), Done ? now : null, index == 5 ? 1 : 0,
        Done ? null : View().WaitingFor[0].Sentence);

    public Client.Batches.BatchView Batch() => new(Guid.Parse("0198c0de-0000-7000-8000-0000000bac01"), Client.Batches.BatchKind.Migrate, true, Client.Batches.BatchStatus.Completed, 1,
        "Judged: 2 of 3 can be done, 1 would be refused.", "process invoice version 1", "The new law applies to open cases.", "otto", At, At.AddSeconds(2), 3, 2, 0, 1, 0);

    public Client.Batches.BatchItem BatchPart() => new(3, Instance, null, Client.Batches.BatchOutcome.Refused, "instance.not_migratable", "'Approve' is not in the other version. Map it to another element, or end its token first.", At);

    public DecisionListItem DecisionItem() => new(DecisionId, Instance, "invoice", "decide", "invoice-approval", 4, Verdict, 0.884m, Gross, Done, Why, At);

    public IEnumerable<HistoryEntry> History()
    {
        (string Type, string? Element, string Sentence, string? By)[] facts =
        [
            ("instance.started", null, "Started by Ana Torres with version 2 of Invoice approval.", "ana"),
            ("element.entered", "received", "Entered Invoice received.", null),
            ("job.created", "read", "Read the fields waits for a worker.", null),
            ("job.completed", "read", "The reader found 10 fields on 1 page in 212 ms.", null),
            ("job.created", "reconcile", "Reconcile with the order waits for a worker.", null),
            ("job.completed", "reconcile", $"Found order {Order} and vendor V-{300 + index}.", null),
            ("decision.recorded", "decide", $"Policy invoice-approval version 4 said: {(Verdict == Verdict.TwoPeople ? "two people" : "one person")}. {Why}", null),
            ("task.created", Item("ben").ElementId, $"Asked the group approvers: {Item("ben").Name}.", null),
            .. index == 5 ? new[] { ("task.completed", "review", "Ben Okafor approved after 48 s.", "ben"), ("job.retried", "book", "Attempt 9 failed (HTTP 503); the next is due in 30 min.", (string?)null), ("incident.raised", "book", "The ERP answered 503 to the last of 10 attempts.", null) } : [],
            .. Assignee is null ? [] : new[] { ("task.claimed", Item("ben").ElementId, $"{SampleData.Names[Assignee]} took the task.", (string?)Assignee) },
        ];
        return facts.Select((f, i) => new HistoryEntry(i + 1, At.AddSeconds(i * 0.7), f.Type, f.Element, f.Sentence, f.By));
    }

    private static JsonElement J<T>(T value) => SampleData.Json(value);

    private EvidenceView Evidence(string field) => IsXml
        ? new EvidenceView(field, DocumentId.ToString(), null, null, "/rsm:CrossIndustryInvoice/" + field)
        : new EvidenceView(field, DocumentId.ToString(), 1, new Box(places[field].X, places[field].Y, places[field].W, places[field].H), null);

    private List<TaskField> Fields()
    {
        TaskField F(string name, string label, JsonElement? value, decimal confidence, string? failed = null) =>
            new(name, label, value, confidence, true, places.ContainsKey(name) ? [Evidence(name)] : [], failed);
        return
        [
            F("number", "Invoice number", J(Number), 0.992m), F("seller", "Seller", J(Seller), 0.971m), F("orderReference", "Order", J(Order), 0.963m),
            F("issueDate", "Invoice date", J("2026-11-18"), 0.987m), F("dueDate", "Due date", J("2026-12-18"), 0.942m), F("currency", "Currency", J("EUR"), 0.998m),
            F("net", "Net", J(Net), 0.958m, index == 2 ? $"The order {Order} says {Net - 180m:0.00}." : null), F("tax", "Tax", J(Tax), 0.951m), F("gross", "Gross", J(Gross), 0.884m),
            F("iban", "IBAN", J("DE89370400440532013000"), index == 4 ? 0.71m : 0.977m),
        ];
    }

    private List<CheckView> Checks() =>
    [
        new("totals_add_up", CheckResult.Passed, "Net and tax add up to the gross total."),
        new("vendor_known", CheckResult.Passed, $"The seller is vendor V-{300 + index} in the books."),
        new("vendor_iban", CheckResult.Passed, "The account on the invoice is the vendor's account in the books."),
        index == 2 ? new("order_total", CheckResult.Failed, $"The invoice's net total {Net:N2} is above the order's {Net - 180m:N2}. Ask the vendor or reject the invoice.")
            : new("order_total", CheckResult.Passed, $"The net total is that of order {Order}."),
        new("duplicate_invoice", CheckResult.Passed, "No earlier invoice of this vendor has this number."),
        new("page_matches_data", CheckResult.NotApplicable, "The document holds no structured data to compare with."),
    ];

    private object Reading() => new
    {
        format = IsXml ? "cii" : "page",
        number = V(Number),
        seller = V(Seller),
        sellerVat = V("DE811234567"),
        buyer = V("Acme Finance SE"),
        issueDate = V("2026-11-18"),
        dueDate = V("2026-12-18"),
        orderReference = V(Order),
        currency = V("EUR"),
        net = V(Net),
        tax = V(Tax),
        gross = V(Gross),
        iban = V("DE89370400440532013000"),
        lines = new[] { new { name = V("Lunch for 24 persons, seasonal"), quantity = V(24m), unit = V("pcs"), price = V(28m), net = V(672m) }, new { name = V("Coffee and water, meeting room 3"), quantity = V(1m), unit = V("day"), price = V(192m), net = V(192m) } },
    };

    private static object V<T>(T value) => new { value, confidence = 1m };

    private byte[] Draw()
    {
        var pdf = new TinyPdf();
        pdf.Bar(0, 0, 595, 12);
        places["seller"] = pdf.Text(56, 64, Seller, 17, bold: true);
        pdf.Text(56, 82, "Hafenstrasse 14 - 20457 Hamburg - VAT DE811234567", 9);
        pdf.Text(56, 130, "Acme Finance SE", 10.5);
        pdf.Text(56, 145, "Accounts payable", 10.5);
        pdf.Text(56, 160, "Marktplatz 1, 50667 Koeln", 10.5);
        pdf.Text(56, 212, "Invoice", 22, bold: true);
        pdf.Text(350, 130, "Invoice number", 9.5);
        places["number"] = pdf.Text(450, 130, Number, 10, bold: true);
        pdf.Text(350, 146, "Invoice date", 9.5);
        places["issueDate"] = pdf.Text(450, 146, "18 November 2026");
        pdf.Text(350, 162, "Due date", 9.5);
        places["dueDate"] = pdf.Text(450, 162, "18 December 2026");
        pdf.Text(350, 178, "Your order", 9.5);
        places["orderReference"] = pdf.Text(450, 178, Order);
        pdf.Text(56, 262, "Description", 9.5, bold: true);
        pdf.Text(360, 262, "Quantity", 9.5, bold: true, right: true);
        pdf.Text(440, 262, "Unit price", 9.5, bold: true, right: true);
        pdf.Text(539, 262, "Amount", 9.5, bold: true, right: true);
        pdf.Line(56, 270, 539);
        var shares = new[] { 0.5m, 0.3m, 0.2m };
        var rest = Net;
        for (var i = 0; i < shares.Length; i++)
        {
            var amount = i == 2 ? rest : Math.Round(Net * shares[i], 2);
            rest -= amount;
            var y = 290 + (i * 20);
            pdf.Text(56, y, new[] { "Recycled paper A4, 80 g, pallets", "Envelopes C5 with window", "Delivery and unloading" }[i]);
            pdf.Text(360, y, new[] { "40", "120", "1" }[i], right: true);
            pdf.Text(440, y, Amount(Math.Round(amount / new[] { 40, 120, 1 }[i], 2)), right: true);
            pdf.Text(539, y, Amount(amount), right: true);
        }

        pdf.Line(330, 356, 539);
        pdf.Text(340, 376, "Net");
        places["net"] = pdf.Text(539, 376, Amount(Net), right: true);
        pdf.Text(340, 394, "VAT 19 %");
        places["tax"] = pdf.Text(539, 394, Amount(Tax), right: true);
        pdf.Line(330, 404, 539);
        pdf.Text(340, 424, "Total", 12, bold: true);
        places["currency"] = pdf.Text(440, 424, "EUR", 12, bold: true);
        places["gross"] = pdf.Text(539, 424, Amount(Gross), 12, bold: true, right: true);
        pdf.Text(56, 500, "Please pay within 30 days to");
        places["iban"] = pdf.Text(56, 516, "DE89 3704 0044 0532 0130 00", 10, bold: true);
        pdf.Text(56, 780, "Handelsregister Hamburg HRB 112233 - Managing directors: A. Berg, L. Stein", 8);
        return pdf.Save();
    }

    private static string Amount(decimal value) => value.ToString("N2", CultureInfo.InvariantCulture);
}
