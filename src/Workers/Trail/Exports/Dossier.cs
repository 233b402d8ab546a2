using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Countersign.Workers.Trail.Exports;

/// <summary>One decision as a page to read and print: what was proposed, what was checked, which rule decided, what people were shown and did. No script, nothing loaded.</summary>
internal static class Dossier
{
    private const string Style =
        """
        :root{color-scheme:light}body{font:15px/1.5 system-ui,sans-serif;color:#1c2430;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1.5rem}
        h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #d5dbe3;padding-bottom:.25rem}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid #edf0f4}
        th{font-weight:600;color:#4a5566}td{overflow-wrap:anywhere}.mono{font-family:ui-monospace,monospace;font-size:.85em}.muted{color:#66707f}
        .badge{display:inline-block;padding:.1rem .6rem;border-radius:1rem;background:#e6ecf5;font-weight:600}.failed{color:#a3211b;font-weight:600}
        @media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
        """;

    public static string Html(string origin, long leaf, StoredEvent recorded, JsonElement decision, IReadOnlyList<(StoredEvent Event, JsonElement Data)> around)
    {
        var page = new StringBuilder();
        var id = decision.Text("decisionId");
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
            .Append("<title>Decision ").Append(E(id)).Append("</title><style>").Append(Style).Append("</style></head><body>\n");
        page.Append("<h1>Decision <span class=\"badge\">").Append(E(decision.Text("verdict").Replace('_', ' '))).Append("</span></h1>\n<p class=\"muted\">")
            .Append(E(Time(recorded.Time))).Append(" · ").Append(E(recorded.Stream)).Append(" · step ").Append(E(decision.Text("elementId"))).Append("</p>\n");
        Reasons(page, decision);
        Proposal(page, decision);
        Checks(page, decision);
        People(page, around);
        Governance(page, decision, around);
        Proof(page, origin, leaf, recorded, id);
        return page.Append("</body></html>\n").ToString();
    }

    private static void Reasons(StringBuilder page, JsonElement decision)
    {
        page.Append("<h2>Why</h2>\n<ul>");
        foreach (var reason in decision.Items("reasons"))
            page.Append("<li>").Append(E(reason.Plain())).Append("</li>");
        page.Append("</ul>\n");
        if (decision.Text("sampled") == "true")
            page.Append("<p>The gate accepted; sampling sent it to a person all the same.</p>\n");
        if (decision.Text("fallback") is { Length: > 0 } fallback)
            page.Append("<p>The gate was not asked: ").Append(E(fallback)).Append("</p>\n");
    }

    /// <summary>The values as they stood when the decision was taken: what the approver saw, with confidence and place on the page.</summary>
    private static void Proposal(StringBuilder page, JsonElement decision)
    {
        page.Append("<h2>What was proposed</h2>\n<table><tr><th>Field</th><th>Value</th><th>Confidence</th><th>Where it was found</th></tr>\n");
        var confidence = decision.Of("fieldConfidence");
        var fields = Flat(decision.Of("inputs"), "").ToList();
        var evidence = decision.Items("evidence").ToLookup(e => e.Text("field"), StringComparer.Ordinal);
        var named = decision.Members("fieldConfidence").Select(m => m.Name).Concat(evidence.Select(e => e.Key)).Where(n => fields.TrueForAll(f => Last(f.Path) != n && f.Path != n)).Distinct(StringComparer.Ordinal);
        foreach (var (path, value) in fields.Concat(named.Select(n => (n, ""))))
        {
            var found = evidence[path].Concat(evidence[Last(path)]).Select(Place).Distinct(StringComparer.Ordinal);
            page.Append("<tr><td>").Append(E(path)).Append("</td><td>").Append(E(value)).Append("</td><td>")
                .Append(E(Percent(confidence.Text(path) is { Length: > 0 } exact ? exact : confidence.Text(Last(path))))).Append("</td><td>").Append(E(string.Join("; ", found))).Append("</td></tr>\n");
        }
        page.Append("</table>\n<p>Overall confidence ").Append(E(Percent(decision.Text("confidence")))).Append(", impact ").Append(E(decision.Text("impact"))).Append(".</p>\n");
    }

    private static void Checks(StringBuilder page, JsonElement decision)
    {
        page.Append("<h2>Checks and rules</h2>\n<table><tr><th>Check</th><th>Result</th><th>Detail</th></tr>\n");
        // As on the review page: what failed stands first.
        foreach (var check in decision.Items("checks").OrderBy(c => c.Text("result") != "failed"))
        {
            var result = check.Text("result");
            page.Append("<tr><td>").Append(E(check.Text("id"))).Append("</td><td").Append(result == "failed" ? " class=\"failed\">" : ">").Append(E(result.Replace('_', ' ')))
                .Append("</td><td>").Append(E(check.Text("detail"))).Append("</td></tr>\n");
        }
        page.Append("</table>\n<p>Matched rules: ").Append(E(string.Join(", ", decision.Items("matchedRules").Select(r => r.Plain())) is { Length: > 0 } rules ? rules : "none")).Append("</p>\n");
    }

    private static void People(StringBuilder page, IReadOnlyList<(StoredEvent Event, JsonElement Data)> around)
    {
        page.Append("<h2>People</h2>\n");
        if (!around.Any(a => a.Event.Type is "task.created" or "decision.reviewed"))
        {
            page.Append("<p>No person was asked.</p>\n");
            return;
        }
        page.Append("<table><tr><th>Time</th><th>Who</th><th>What</th></tr>\n");
        foreach (var (stored, data) in around.Where(a => a.Event.Type is not ("instance.started" or "instance.taken_over")))
        {
            page.Append("<tr><td>").Append(E(Time(stored.Time))).Append("</td><td>").Append(E(data.Text("by") is { Length: > 0 } by ? by : data.Of("review").Text("by"))).Append("</td><td>")
                .Append(stored.Type switch
                {
                    "task.created" => Asked(data),
                    "task.claimed" => "took the task",
                    "task.completed" => Answered(data),
                    _ => Reviewed(data.Of("review")),
                }).Append("</td></tr>\n");
        }
        page.Append("</table>\n");
    }

    private static string Asked(JsonElement task)
    {
        var text = new StringBuilder("asked: ").Append(E(task.Text("name")));
        if (task.Text("why") is { Length: > 0 } why)
            text.Append("<br>Why it came to a person: ").Append(E(why));
        foreach (var barred in task.Items("separateFrom"))
            text.Append("<br>May not be done by ").Append(E(barred.Text("memberId"))).Append(" (").Append(E(barred.Text("duty"))).Append(')');
        return text.ToString();
    }

    private static string Answered(JsonElement task)
    {
        var text = new StringBuilder("answered <b>").Append(E(task.Text("verdict").Replace('_', ' '))).Append("</b>");
        if (task.Text("reason") is { Length: > 0 } reason)
            text.Append(": ").Append(E(reason));
        if (task.Text("dutyCheck") is { Length: > 0 } duty)
            text.Append("<br>Separation of duties: ").Append(E(duty));
        Shown(text, task.Of("shown"));
        return text.ToString();
    }

    private static void Shown(StringBuilder text, JsonElement shown)
    {
        if (shown.ValueKind != JsonValueKind.Object)
            return;
        foreach (var member in shown.EnumerateObject())
            text.Append("<br>").Append(E(member.Name)).Append(": <span class=\"mono\">").Append(E(member.Value.ValueKind == JsonValueKind.Array ? string.Join(", ", member.Value.EnumerateArray().Select(v => v.Plain())) : member.Value.Plain())).Append("</span>");
    }

    private static string Reviewed(JsonElement review)
    {
        var text = new StringBuilder("<b>").Append(E(review.Text("outcome"))).Append("</b> the decision");
        if (review.Text("reason") is { Length: > 0 } reason)
            text.Append(": ").Append(E(reason));
        foreach (var correction in review.Members("corrections"))
            text.Append("<br>corrected ").Append(E(correction.Name)).Append(" to ").Append(E(correction.Value.Plain()));
        if (review.Text("shownDigest") is { Length: > 0 } digest)
            text.Append("<br>was shown <span class=\"mono\">").Append(E(digest)).Append("</span>");
        if (review.Text("dwell") is { Length: > 0 } dwell)
            text.Append("<br>looked for ").Append(E(dwell));
        var opened = string.Join(", ", review.Items("opened").Select(o => o.Plain()));
        if (opened.Length > 0)
            text.Append("<br>opened ").Append(E(opened));
        return text.Append("<br>signed by ").Append(E(review.Text("signature"))).ToString();
    }

    private static void Governance(StringBuilder page, JsonElement decision, IReadOnlyList<(StoredEvent Event, JsonElement Data)> around)
    {
        var (policy, model) = (decision.Of("policy"), decision.Of("model"));
        var started = around.FirstOrDefault(a => a.Event.Type is "instance.started" or "instance.taken_over").Data;
        page.Append("<h2>Governed by</h2>\n<table>");
        Row(page, "Process", $"{started.Text("processKey")} version {started.Text("version")}", started.Text("hash"));
        Row(page, "Policy", $"{policy.Text("key")} version {policy.Text("version")}", policy.Text("hash"));
        if (model.ValueKind == JsonValueKind.Object)
        {
            Row(page, "Model", $"{model.Text("provider")} {model.Text("name")} {model.Text("version")}", model.Text("promptHash"));
            Row(page, "Cost", $"{model.Text("tokens")} tokens, {model.Text("cost")}, {model.Text("latency")}, attempts {decision.Text("attempts")}", "");
        }
        Row(page, "Input", "SHA-256 of what the gate saw", decision.Text("inputHash"));
        Row(page, "Trace", "", decision.Text("traceId"));
        page.Append("</table>\n");
    }

    private static void Proof(StringBuilder page, string origin, long leaf, StoredEvent recorded, string id)
    {
        page.Append("<h2>In the trail</h2>\n<table>");
        Row(page, "Decision", "", id);
        Row(page, "Log", "", origin);
        Row(page, "Leaf", leaf.ToString(CultureInfo.InvariantCulture), "");
        Row(page, "Event", string.Create(CultureInfo.InvariantCulture, $"version {recorded.Version} of its stream"), recorded.EventId);
        page.Append("</table>\n<p class=\"muted\">This page is for reading. What it says is proven by <span class=\"mono\">events.jsonl</span> at this leaf: run <span class=\"mono\">countersign verify</span> on the whole export.</p>\n");
    }

    private static void Row(StringBuilder page, string name, string text, string hash) =>
        page.Append("<tr><th>").Append(E(name)).Append("</th><td>").Append(E(text)).Append(" <span class=\"mono\">").Append(E(hash)).Append("</span></td></tr>\n");

    private static IEnumerable<(string Path, string Value)> Flat(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object || value.TryGetProperty("$sealed", out _))
            return path.Length == 0 ? [] : [(path, value.Plain())];
        return value.EnumerateObject().SelectMany(m => Flat(m.Value, path.Length == 0 ? m.Name : $"{path}.{m.Name}"));
    }

    private static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static string Place(JsonElement evidence) => string.Join(" ", evidence.EnumerateObject().Where(m => m.Name != "field" && m.Value.ValueKind is not JsonValueKind.Null).Select(m => $"{m.Name} {m.Value.Plain()}"));

    private static string Percent(string number) =>
        decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? (value * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : number;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
