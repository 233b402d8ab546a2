using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Countersign.Cli.Trail;
using Countersign.Domain.Trail;
using Countersign.TestKit.Databases;
using Countersign.Workers.Trail;
using Countersign.Workers.Trail.Exports;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Trail;

public sealed class ExportTests(PostgresFixture postgres) : IDisposable
{
    private const string Acme = "acmefinance";

    private static readonly byte[] Invoice = Encoding.UTF8.GetBytes("an invoice");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("countersign-export");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_export_of_everything_verifies_and_holds_what_people_read()
    {
        await using var bench = await TrailBench.Create(postgres);
        await Fill(bench);
        var report = await Verify(bench, new BundleSelection("everything"));
        report.Findings.ShouldBeEmpty();
        report.Leaves.ShouldBe(606);
        report.Contents.ShouldBe(606);
        report.Proven.ShouldContain(s => s.StartsWith("1 documents", StringComparison.Ordinal));
        report.Proven.ShouldContain(s => s.StartsWith("1 single proofs", StringComparison.Ordinal));
        using var zip = ZipFile.OpenRead(Path.Combine(_folder.FullName, "export.zip"));
        var dossier = Text(zip, zip.Entries.Single(e => e.FullName.StartsWith("dossiers/", StringComparison.Ordinal)).FullName);
        dossier.ShouldContain("Gross total above the limit &lt;b&gt;");
        dossier.ShouldContain("May not be done by m-ana (initiator)");
        dossier.ShouldContain("97.5 %");
        dossier.ShouldContain("corrected gross to 120.00");
        dossier.ShouldNotContain("<script");
        dossier.ShouldNotContain("src=");
        dossier.ShouldNotContain("href=");
        var table = Text(zip, BundleFormat.DecisionTable).Split("\r\n");
        table.Length.ShouldBe(4);
        table[2].ShouldContain("\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\"");
        Text(zip, BundleFormat.Readme).ShouldContain("countersign verify");
        Xes(Text(zip, BundleFormat.ProcessXes));
        Ocel(Text(zip, BundleFormat.ProcessOcel));
    }

    [Fact]
    public async Task A_period_and_an_instance_verify_and_leave_nothing_out()
    {
        await using var bench = await TrailBench.Create(postgres);
        await Fill(bench);
        var from = await bench.Scalar<DateTime>("select timestamp from cs.mt_events where seq_id = 301");
        var to = await bench.Scalar<DateTime>("select timestamp from cs.mt_events where seq_id = 305");
        var period = await Verify(bench, new BundleSelection("period") { From = new DateTimeOffset(from, TimeSpan.Zero), To = new DateTimeOffset(to, TimeSpan.Zero) });
        period.Findings.ShouldBeEmpty();
        period.Contents.ShouldBe(4);
        period.Contents.ShouldBe(await bench.Scalar<long>("select count(*) from cs.mt_events where timestamp >= $1 and timestamp < $2", from, to));
        period.Leaves.ShouldBe(6);
        var instance = await Verify(bench, new BundleSelection("instance") { Streams = ["instance/1"] });
        instance.Findings.ShouldBeEmpty();
        instance.Contents.ShouldBe(6);
        var nothing = await Verify(bench, new BundleSelection("instance") { Streams = ["instance/none"] });
        nothing.Findings.ShouldBeEmpty();
        nothing.Contents.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_logged_while_an_export_is_written_stays_out_of_it()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 20);
        await bench.Settle();
        await bench.Sign(Acme);
        var finder = new ExportRange(bench.Writer, bench.Options, TimeProvider.System);
        var end = await finder.FreshCheckpoint(Acme, TestContext.Current.CancellationToken);
        await bench.Append(Acme, "instance/2", 5);
        await bench.Settle();
        foreach (var selection in new[]
                 {
                     new BundleSelection("everything"),
                     new BundleSelection("period") { From = DateTimeOffset.UnixEpoch, To = new DateTimeOffset(2199, 1, 1, 0, 0, 0, TimeSpan.Zero) },
                     new BundleSelection("instance") { Streams = ["instance/2"] },
                 })
        {
            var range = (await finder.Find(Acme, selection, end, TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
            range.End.ShouldBe(20, selection.Kind);
            range.LogSize.ShouldBe(25);
            Checkpoint.TryParse(range.LastSigned!.Text, out var last).ShouldBeTrue();
            last!.Size.ShouldBe(range.End, selection.Kind);
        }
    }

    [Fact]
    public async Task Data_changed_in_the_database_is_named_by_its_leaf()
    {
        await using var bench = await TrailBench.Create(postgres);
        await Fill(bench);
        await Verify(bench, new BundleSelection("everything"));
        await bench.Tamper("""update cs.mt_events set data = data || '{"amount": 1000000}' where seq_id = 123""");
        var report = await Verify(bench, new BundleSelection("everything"));
        report.Verdict.ShouldBe(Verdict.Refused);
        report.FirstLeaf.ShouldNotBeNull();
        report.FirstLeaf.Leaf!.Index.ShouldBe(122);
        foreach (var change in new[] { "user_name = 'm-mallory'", "timestamp = timestamp - interval '1 day'", "correlation_id = null", "type = 'instance.completed'", """headers = '{"a": 1}'""" })
        {
            await bench.Tamper($"update cs.mt_events set {change} where seq_id = 20");
            (await Verify(bench, new BundleSelection("everything"))).FirstLeaf!.Leaf!.Index.ShouldBe(19, change);
        }
    }

    [Fact]
    public async Task An_event_or_a_leaf_that_is_gone_stops_the_export_with_a_sentence()
    {
        await using var bench = await TrailBench.Create(postgres);
        await Fill(bench);
        await Verify(bench, new BundleSelection("everything"));
        await bench.Tamper("delete from cs.mt_events where seq_id = 123");
        (await Should.ThrowAsync<ExportException>(() => Verify(bench, new BundleSelection("everything")))).Message.ShouldContain("Event 123, leaf 122");
        await bench.Tamper("delete from cs.trail_leaves where index = 50");
        (await Should.ThrowAsync<ExportException>(() => Verify(bench, new BundleSelection("everything")))).Message.ShouldContain("Leaf 50");
    }

    [Fact]
    public async Task An_export_across_a_restore_shows_the_gap_and_verifies()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 50);
        await bench.Settle();
        await bench.Sign(Acme);
        await bench.Tamper("delete from cs.trail_leaves where index >= 35; delete from cs.mt_events where seq_id > 35; delete from cs.trail_checkpoints; update cs.mt_streams set version = 35");
        bench.Options = bench.Options with { Restore = new RestoreWord("disk lost", "otto") };
        bench.Start();
        await bench.Append(Acme, "instance/1", 10);
        var report = await Verify(bench, new BundleSelection("everything"));
        report.Findings.ShouldBeEmpty();
        report.Leaves.ShouldBe(46);
        report.NotProven.ShouldContain(s => s.Contains("leaves 35 to 49", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_export_after_a_rotation_verifies_with_either_key()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 20);
        await bench.Settle();
        await bench.Sign(Acme);
        var old = bench.Keys.Signer("trail.test/" + Acme).Key;
        var fresh = $"countersign-trail-key-1 2026-01-02T03:04:05Z {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}\n";
        await File.WriteAllTextAsync(bench.Options.KeyFile, fresh + await File.ReadAllTextAsync(bench.Options.KeyFile, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        bench.Start();
        await bench.Append(Acme, "instance/1", 20);
        (await Verify(bench, new BundleSelection("everything"), old)).Findings.ShouldBeEmpty();
        (await Verify(bench, new BundleSelection("everything"), bench.Keys.Signer("trail.test/" + Acme).Key)).Findings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("-12.50", "-12.50")]
    [InlineData("-cmd", "'-cmd")]
    [InlineData("@x", "'@x")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("\tx", "'\tx")]
    [InlineData("plain", "plain")]
    public void A_cell_is_never_a_formula(string text, string cell) => DecisionTable.Cell(text).ShouldBe(cell);

    private static async Task Fill(TrailBench bench)
    {
        await bench.Append(Acme, "instance/2", 300);
        await bench.Settle();
        await bench.Sign(Acme);
        var sha = Convert.ToHexStringLower(SHA256.HashData(Invoice));
        await using (var connection = await bench.Writer.OpenConnectionAsync())
        {
            await bench.Append(connection, Acme, "instance/1", 1, "instance.started", $$"""{"processKey": "invoice", "version": 3, "hash": "abc", "by": "m-ana", "document": {"sha256": "{{sha}}"} }""");
            await bench.Append(connection, Acme, "instance/1", 1, "decision.recorded",
                """
                {"tokenId": "1", "decision": {"decisionId": "d-7", "elementId": "decide", "policy": {"key": "invoice-approval", "version": 2, "hash": "ff"},
                 "model": {"provider": "builtin", "name": "reader", "version": "1", "tokens": 0, "cost": 0, "latency": "00:00:01"}, "inputHash": "aa",
                 "inputs": {"invoice": {"gross": "12.00", "iban": {"$sealed": {"subject": "s", "key": "k", "nonce": "n", "text": "t"}}}}, "confidence": 0.9,
                 "fieldConfidence": {"gross": 0.975}, "impact": 12.5, "checks": [{"id": "limit", "result": "failed", "detail": "Gross total above the limit <b>"}],
                 "matchedRules": ["rule-3"], "verdict": "two_people", "reasons": ["Gross total above the limit <b>"], "sampled": false,
                 "evidence": [{"field": "gross", "page": 1, "box": "1 2 3 4"}], "attempts": 1, "traceId": "t-1"}}
                """);
            await bench.Append(connection, Acme, "instance/1", 1, "task.created",
                """{"taskId": "t-1", "name": "Approve", "why": "Two people above the limit", "decisionId": "d-7", "separateFrom": [{"memberId": "m-ana", "duty": "initiator"}]}""");
            await bench.Append(connection, Acme, "instance/1", 1, "decision.reviewed",
                """{"decisionId": "d-7", "review": {"taskId": "t-1", "by": "m-ben", "outcome": "corrected", "verdict": "approve", "reason": "=HYPERLINK(\"http://evil\",\"x\")", "corrections": {"gross": "120.00"}, "signature": "session", "opened": ["page-1"]}}""");
            await bench.Append(connection, Acme, "instance/1", 1, "task.completed", """{"taskId": "t-1", "by": "m-ben", "verdict": "approve", "dutyCheck": "m-ben is not m-ana", "shown": {"digest": "dd"} }""");
            await bench.Append(connection, Acme, "instance/1", 1, "instance.completed", "{}");
        }
        await bench.Settle();
        await bench.Sign(Acme);
        await bench.Append(Acme, "instance/3", 300);
    }

    private async Task<VerificationReport> Verify(TrailBench bench, BundleSelection selection, VerifierKey? key = null)
    {
        var path = Path.Combine(_folder.FullName, "export.zip");
        using var service = bench.Service();
        await service.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            var export = new TrailExport(bench.Database.Connections, bench.Options, bench.Keys, new OneInvoice(), TimeProvider.System);
            var told = new List<ExportProgress>();
            await using (var output = File.Create(path))
                await export.Write(new ExportRequest("export-1", Acme, "m-tess", selection), output, told.Add, TestContext.Current.CancellationToken);
            told[^1].Fraction.ShouldBe(1);
        }
        finally
        {
            await service.StopAsync(TestContext.Current.CancellationToken);
        }
        using var bundle = new ZipBundle(path);
        return BundleVerifier.Verify(bundle, new VerificationOptions { TrustedKeys = [key ?? bench.Keys.Signer("trail.test/" + Acme).Key] });
    }

    private static void Xes(string text)
    {
        using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        var log = XElement.Load(reader);
        XNamespace ns = "http://www.xes-standard.org/";
        log.Name.ShouldBe(ns + "log");
        var trace = log.Elements(ns + "trace").Single(t => Value(t, "concept:name") == "instance/1");
        Value(trace, "countersign:process").ShouldBe("invoice");
        var steps = trace.Elements(ns + "event").ToList();
        steps.Select(e => Value(e, "concept:name")).ShouldBe(["instance.started", "decision.recorded", "task.created", "decision.reviewed", "task.completed", "instance.completed"]);
        steps.Select(e => Value(e, "lifecycle:transition")).ShouldBe(["start", "complete", "schedule", "complete", "complete", "complete"]);
        Value(steps[1], "countersign:verdict").ShouldBe("two_people");
        foreach (var step in steps)
            DateTimeOffset.Parse(Value(step, "time:timestamp")!, CultureInfo.InvariantCulture).ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);

        static string? Value(XElement element, string key) => element.Elements().SingleOrDefault(a => (string?)a.Attribute("key") == key)?.Attribute("value")?.Value;
    }

    private static void Ocel(string text)
    {
        var log = JsonElement.Parse(text);
        var events = log.GetProperty("events").EnumerateArray().ToList();
        events.Count.ShouldBe(606);
        events.Select(e => e.GetProperty("id").GetString()).ShouldBeUnique();
        var objects = log.GetProperty("objects").EnumerateArray().ToDictionary(o => o.GetProperty("id").GetString()!, o => o.GetProperty("type").GetString()!, StringComparer.Ordinal);
        objects["document/" + Convert.ToHexStringLower(SHA256.HashData(Invoice))].ShouldBe("document");
        // What is referred to is declared: objects, their types, the types of events.
        events.SelectMany(e => e.GetProperty("relationships").EnumerateArray()).ShouldAllBe(r => objects.ContainsKey(r.GetProperty("objectId").GetString()!));
        Names("objectTypes").ShouldBe(objects.Values.Distinct(), ignoreOrder: true);
        Names("eventTypes").ShouldBe(events.Select(e => e.GetProperty("type").GetString()).Distinct(), ignoreOrder: true);

        IEnumerable<string?> Names(string list) => log.GetProperty(list).EnumerateArray().Select(t => t.GetProperty("name").GetString());
    }

    private static string Text(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(zip.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    private sealed class OneInvoice : IExportContents
    {
        public Task<Stream?> OpenDocument(string tenant, string sha256, CancellationToken cancel) =>
            Task.FromResult<Stream?>(sha256 == Convert.ToHexStringLower(SHA256.HashData(Invoice)) ? new MemoryStream(Invoice) : null);

        public Task<JsonElement> OpenFields(string tenant, string stream, JsonElement data, CancellationToken cancel) => Task.FromResult(data);
    }
}
