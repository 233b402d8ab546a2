using System.Text;
using System.Text.Json;
using Countersign.Cli.Trail;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Domain.Trail;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Documents;
using Countersign.Projections.Exports;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Projections.Tenants;
using Countersign.TestKit.Databases;
using Countersign.Workers.Exports;
using Countersign.Workers.Hosting;
using Countersign.Workers.Streams;
using Countersign.Workers.Tenants;
using Countersign.Workers.Trail;
using Countersign.Workers.Trail.Exports;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Trail;

/// <summary>G55: a person is erased by destroying a key; the trail goes on to verify.</summary>
public sealed class ShreddingTests(PostgresFixture postgres) : IDisposable
{
    private const string Person = "Canary Katzenstein-8731";
    private const string Iban = "DE02120300000000202051";
    private const string Member = "Canary Quirinius-4512";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task G55_after_shredding_nothing_says_who_it_was_others_stay_and_the_trail_verifies()
    {
        await using var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure), new DocumentTables(), new TrailTables(), new ExportTables()]);
        var options = new TrailOptions { Host = "trail.test", SecondPlace = Path.Combine(_folder.Path, "place"), KeyFile = Path.Combine(_folder.Path, "keys", "trail.key") };
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Services.AddTrail(options, sequence: true));
        var services = node.Host.Services;
        var (tenant, texts, keys) = (postgres.NewTenant(), services.GetRequiredService<PersonalTexts>(), services.GetRequiredService<SubjectKeyStore>());
        await node.Publish(tenant, TestProcesses.Personal);
        var instance = (await node.StartInstance(tenant, "personal", variables: [
            ("applicant", new { name = Person, born = "1980-02-29" }), ("customer", "c-77"), ("invoice", new { number = "R-1", iban = Iban, lines = new[] { 1, 2 } })])).State!.Id;
        await AddMember(node, texts, tenant, "quirin", Member);
        await AddMember(node, texts, tenant, "other", "Other Person");

        await Export(node, tenant, "before");
        (await keys.Destroy(tenant, "subject/c-77", Cancel)).ShouldBeTrue();
        (await keys.Destroy(tenant, StreamsOf.Member("quirin"), Cancel)).ShouldBeTrue();

        var dump = await DatabaseDump.Of(database);
        dump.ShouldContain("R-1");
        foreach (var canary in (string[])[Person, Member, Iban, "Other Person"])
        {
            dump.ShouldNotContain(canary);
            dump.ShouldNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(canary)));
            dump.ShouldNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(canary)).TrimEnd('=')[..^2]);
        }

        await using (var session = node.Store.QuerySession(tenant))
        {
            var (gone, stays) = ((await session.LoadAsync<MemberRecord>("quirin", Cancel))!, (await session.LoadAsync<MemberRecord>("other", Cancel))!);
            (await texts.Open(tenant, [gone.Name, stays.Name], Cancel)).ShouldBe([null, "Other Person"]);
            await Should.ThrowAsync<System.Security.Cryptography.CryptographicException>(() => texts.Open(tenant, [Moved(stays.Name, "member/quirin")], Cancel));
        }

        var seen = await node.Execute(new SetVariables(tenant, instance, new Actor("otto", ActorKind.Person, ["operator"], []), RunnerHost.Vars(("note", "x")), "look"));
        seen.State!.Variables[InstanceState.RootScope]["invoice"].GetProperty("iban").GetString().ShouldBe(Iban);
        var bundle = await Export(node, tenant, "after");
        Encoding.UTF8.GetString(bundle).ShouldNotContain(Person);
    }

    /// <summary>Exports everything, holds that it verifies, and gives all of its files one after the other.</summary>
    private async Task<byte[]> Export(RunnerHost node, string tenant, string name)
    {
        var path = Path.Combine(_folder.Path, name + ".zip");
        await using (var output = File.Create(path))
            await node.Host.Services.GetRequiredService<TrailExport>().Write(new ExportRequest(name, tenant, "tess", new BundleSelection("everything")), output, null, Cancel);
        using var bundle = new ZipBundle(path);
        var report = BundleVerifier.Verify(bundle, new VerificationOptions());
        report.Findings.ShouldBeEmpty();
        report.Contents.ShouldBeGreaterThan(3);
        var all = new MemoryStream();
        foreach (var file in bundle.Files)
        {
            await using var content = bundle.Open(file.Name);
            await content.CopyToAsync(all, Cancel);
        }

        return all.ToArray();
    }

    private static async Task AddMember(RunnerHost node, PersonalTexts texts, string tenant, string id, string name)
    {
        var command = new AddMember(id, new PersonalText(name, await texts.Seal(tenant, StreamsOf.Member(id), name, Cancel)), null, [], [], Actor.System);
        var added = await new StreamDoor(node.Store, TimeProvider.System).Execute(
            TenantStreams.Member(tenant, id, Actor.System, s => MemberDecider.Decide(s, command, TimeProvider.System.GetUtcNow())), null, null, Cancel);
        added.Refusal.ShouldBeNull();
    }

    private static JsonElement Moved(JsonElement stored, string subject) => JsonElement.Parse(stored.GetRawText().Replace("member/other", subject, StringComparison.Ordinal));
}
