using System.Diagnostics;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Databases;
using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Countersign.Workers.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

public sealed class SealingTests(PostgresFixture postgres)
{
    private const string Iban = "DE89370400440532013000";
    private const string Person = "Wilhelmine Katzenstein";

    private static (string, object?)[] Variables => [("invoice", new { number = "R-1", iban = Iban, lines = new[] { 1, 2 } }), ("applicant", new { name = Person, born = "1980-02-29" }), ("customer", "c-77")];

    [Fact]
    public async Task Personal_fields_are_nowhere_in_the_database_in_the_open()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Personal);

        var started = await node.StartInstance(tenant, "personal", variables: Variables);
        var jobs = node.Host.Services.GetRequiredService<ExternalJobs>();
        var job = (await jobs.Activate(tenant, "bank:check", "w", 1, TimeSpan.FromMinutes(1), TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        job.Job.Variables["account"].GetString().ShouldBe(Iban, "the worker gets the field open, under whatever name");
        var done = await node.Execute(new CompleteJob(tenant, started.State!.Id, Actor.System, job.Job.Id, 1, RunnerHost.Vars(("answer", $"{Iban}"))));
        done.State!.Variables[InstanceState.RootScope]["checked"].GetString().ShouldBe(Iban);

        (await Sql.Ask<bool>(database.Connections.Migrator, "select bool_or(data::text like '%$sealed%') from cs.mt_events where tenant_id = $1", tenant)).ShouldBeTrue();
        var dump = await DatabaseDump.Of(database);
        dump.ShouldContain("R-1");
        dump.ShouldNotContain(Iban);
        dump.ShouldNotContain("Katzenstein");
    }

    [Fact]
    public async Task A_node_that_has_never_seen_the_instance_opens_what_was_sealed()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var tenant = postgres.NewTenant();
        Guid id;
        await using (var first = await RunnerHost.Start(database, ring))
        {
            await first.Publish(tenant, TestProcesses.Personal);
            id = (await first.StartInstance(tenant, "personal", variables: Variables)).State!.Id;
        }

        await using var second = await RunnerHost.Start(database, ring);
        var otto = new Actor("otto", ActorKind.Person, ["operator"], []);
        var seen = await second.Execute(new SetVariables(tenant, id, otto, RunnerHost.Vars(("note", "x")), "look"));

        seen.State!.Variables[InstanceState.RootScope]["invoice"].GetProperty("iban").GetString().ShouldBe(Iban);
        seen.State.Variables[InstanceState.RootScope]["invoice"].GetProperty("lines").GetArrayLength().ShouldBe(2);
        seen.State.Variables[InstanceState.RootScope]["applicant"].GetProperty("name").GetString().ShouldBe(Person);
    }

    [Fact]
    public async Task After_a_subjects_key_is_destroyed_its_fields_read_as_null_and_others_stay()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var tenant = postgres.NewTenant();
        Guid id;
        await using (var first = await RunnerHost.Start(database, ring))
        {
            await first.Publish(tenant, TestProcesses.Personal);
            id = (await first.StartInstance(tenant, "personal", variables: Variables)).State!.Id;
            (await first.Host.Services.GetRequiredService<SubjectKeyStore>().Destroy(tenant, "subject/c-77", TestContext.Current.CancellationToken)).ShouldBeTrue();
        }

        await using var second = await RunnerHost.Start(database, ring);
        var seen = await second.Execute(new SetVariables(tenant, id, new Actor("otto", ActorKind.Person, ["operator"], []), RunnerHost.Vars(("note", "x")), "look"));

        seen.State!.Variables[InstanceState.RootScope]["applicant"].ValueKind.ShouldBe(JsonValueKind.Null);
        seen.State.Variables[InstanceState.RootScope]["invoice"].GetProperty("iban").GetString().ShouldBe(Iban, "its subject is the instance, whose key lives");
    }

    [Fact]
    public async Task What_a_script_set_is_sealed_inside_the_run_of_steps_it_is_stored_in()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        var tenant = postgres.NewTenant();
        var otto = new Actor("otto", ActorKind.Person, ["operator"], []);
        await using (var first = await RunnerHost.Start(database, ring))
        {
            await first.Publish(tenant, TestProcesses.PersonalScript);
            var id = (await first.StartInstance(tenant, "personal-script", variables: [("customer", "c-77"), ("first", "Wilhelmine"), ("last", "Katzenstein")])).State!.Id;
            (await Sql.Ask<string>(database.Connections.Migrator, "select string_agg(type, ' ' order by version) from cs.mt_events where tenant_id = $1 and stream_id like 'instance/%'", tenant))
                .ShouldBe("instance.started variables.set steps.taken task.created");
            (await Sql.Ask<string>(database.Connections.Migrator, "select data::text from cs.mt_events where tenant_id = $1 and type = 'steps.taken'", tenant)).ShouldContain("$sealed");
            (await DatabaseDump.Of(database)).ShouldNotContain("Wilhelmine Katzenstein");

            await using (var second = await RunnerHost.Start(database, ring))
                (await second.Execute(new SetVariables(tenant, id, otto, RunnerHost.Vars(("note", "x")), "look"))).State!.Variables[InstanceState.RootScope]["applicant"].GetProperty("name").GetString().ShouldBe(Person);
            (await first.Host.Services.GetRequiredService<SubjectKeyStore>().Destroy(tenant, "subject/c-77", TestContext.Current.CancellationToken)).ShouldBeTrue();
            await using var third = await RunnerHost.Start(database, ring);
            (await third.Execute(new SetVariables(tenant, id, otto, RunnerHost.Vars(("note", "y")), "look"))).State!.Variables[InstanceState.RootScope]["applicant"].ValueKind.ShouldBe(JsonValueKind.Null);
        }
    }

    [Fact]
    public async Task A_sealed_field_copied_into_a_command_is_refused()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Personal);

        var forged = await node.StartInstance(tenant, "personal", variables: ("list", new object[] { new Dictionary<string, object> { ["$sealed"] = new { subject = "x" } } }));

        forged.Refusal!.Code.ShouldBe("variables.reserved_name");
    }

    [Fact]
    public async Task A_node_with_another_ring_does_not_start()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());

        (await Should.ThrowAsync<StartUpException>(() => RunnerHost.Start(database, KeyRing.Temporary()))).Message.ShouldContain("another key ring");
    }

    [Fact]
    public async Task A_new_master_key_is_taken_with_the_old_ones_in_any_place_and_from_then_on_needed()
    {
        await using var database = await RunnerHost.Database(postgres);
        string[] keys = [.. Enumerable.Range(1, 3).Select(n => "countersign-master-1:" + Convert.ToBase64String(Enumerable.Repeat((byte)n, 32).ToArray()))];
        var tenant = postgres.NewTenant();
        Guid begun;
        await using (var before = await RunnerHost.Start(database, Ring(keys[0])))
        {
            await before.Publish(tenant, TestProcesses.Personal);
            begun = (await before.StartInstance(tenant, "personal", variables: Variables)).State!.Id;
        }

        // First the new key only opens (behind), then it wraps (in front): no node ever meets a key that it lacks.
        await using (var opens = await RunnerHost.Start(database, Ring(keys[0], keys[1])))
        await using (var wraps = await RunnerHost.Start(database, Ring(keys[1], keys[0])))
        {
            (await NameSeen(wraps, tenant, begun)).ShouldBe(Person);
            var next = postgres.NewTenant();
            await wraps.Publish(next, TestProcesses.Personal);
            var fresh = await wraps.StartInstance(next, "personal", variables: Variables);
            (await NameSeen(opens, next, fresh.State!.Id)).ShouldBe(Person);
        }

        foreach (var lacking in (KeyRing[])[Ring(keys[0]), Ring(keys[1]), Ring(keys[2], keys[0]), Ring(keys[2])])
            (await Should.ThrowAsync<StartUpException>(() => KeyTables.VerifyRing(database.Connections.Writer, lacking, TestContext.Current.CancellationToken))).Message.ShouldContain("another key ring");
        await KeyTables.VerifyRing(database.Connections.Writer, Ring(keys[2], keys[1], keys[0]), TestContext.Current.CancellationToken);
        await Should.ThrowAsync<StartUpException>(() => KeyTables.VerifyRing(database.Connections.Writer, Ring(keys[1], keys[0]), TestContext.Current.CancellationToken));
        Should.Throw<StartUpException>(() => Ring(keys[0], keys[0])).Message.ShouldContain("twice");

        static async Task<string?> NameSeen(RunnerHost node, string tenant, Guid id) =>
            (await node.Execute(new SetVariables(tenant, id, new Actor("otto", ActorKind.Person, ["operator"], []), RunnerHost.Vars(("note", "x")), "look")))
            .State!.Variables[InstanceState.RootScope]["applicant"].GetProperty("name").GetString();

        static KeyRing Ring(params string[] lines) => KeyRing.Open("unused", string.Join(';', lines));
    }

    [Fact]
    public void The_key_file_is_made_once_and_only_for_its_owner()
    {
        var folder = Directory.CreateTempSubdirectory("ring").FullName;
        try
        {
            var first = KeyRing.Open(folder);
            KeyRing.Open(folder).Fingerprint.ShouldBe(first.Fingerprint);
            var file = Path.Combine(folder, "keys", "master.keys");
            if (OperatingSystem.IsWindows())
                return;
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            Should.Throw<StartUpException>(() => KeyRing.Open(folder)).Message.ShouldContain("chmod 600");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
