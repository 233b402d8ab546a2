using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>A business key that one running instance holds alone, also when two nodes start at the same moment.</summary>
public sealed class BusinessKeyTests(PostgresFixture postgres)
{
    private readonly string _tenant = postgres.NewTenant();

    [Fact]
    public async Task Of_starts_that_race_on_two_nodes_one_holds_the_key_and_the_others_are_told_who()
    {
        await using var database = await RunnerHost.Database(postgres);
        var ring = KeyRing.Temporary();
        await using var one = await RunnerHost.Start(database, ring);
        await using var two = await RunnerHost.Start(database, ring);
        await one.Publish(_tenant, TestProcesses.OneAtATime);
        for (var round = 0; round < 8; round++)
        {
            var key = "INV-" + round;
            var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Start(i % 2 == 0 ? one : two, key))));
            var holder = all.Where(r => r.Refusal is null).ShouldHaveSingleItem().State!.Id;
            foreach (var refused in all.Where(r => r.Refusal is not null))
            {
                (refused.Refusal!.Kind, refused.Refusal.Code).ShouldBe((RefusalKind.Conflict, "instance.business_key_taken"));
                refused.Refusal.Detail.ShouldContain(holder.ToString("D"));
            }
        }

        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started'", _tenant)).ShouldBe(8);
    }

    [Fact]
    public async Task A_key_is_free_again_when_its_holder_has_ended_and_elsewhere_it_never_was_taken()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        await node.Publish(_tenant, TestProcesses.OneAtATime);
        await node.Publish(_tenant, TestProcesses.Approval);
        var other = postgres.NewTenant();
        await node.Publish(other, TestProcesses.OneAtATime);
        var first = (await Start(node, "K")).State!.Id;
        // The same start, asked twice, is the same instance and no conflict.
        (await node.Execute(new StartInstance(_tenant, first, RunnerHost.Ana, "single:1", RunnerHost.Vars(), "K"))).Refusal.ShouldBeNull();
        (await Start(node, "K")).Refusal!.Code.ShouldBe("instance.business_key_taken");
        (await Start(node, "k")).Refusal.ShouldBeNull();
        (await node.Execute(new StartInstance(other, Guid.CreateVersion7(), RunnerHost.Ana, "single:1", RunnerHost.Vars(), "K"))).Refusal.ShouldBeNull();
        (await node.StartInstance(_tenant, "single")).Refusal.ShouldBeNull("without a key nothing is held");
        for (var i = 0; i < 2; i++)
            (await node.Execute(new StartInstance(_tenant, Guid.CreateVersion7(), RunnerHost.Ana, "approval:1", RunnerHost.Vars(), "K"))).Refusal.ShouldBeNull("a process that does not ask for it has keys as often as one likes");
        (await node.Execute(new CancelInstance(_tenant, first, Domain.Tenants.Actor.System, "not needed"))).Refusal.ShouldBeNull();
        (await Start(node, "K")).Refusal.ShouldBeNull();
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_doc_businesskeyrow where tenant_id = $1", _tenant)).ShouldBe(2);
    }

    private Task<CommandResult> Start(RunnerHost node, string key) => node.Execute(new StartInstance(_tenant, Guid.CreateVersion7(), RunnerHost.Ana, "single:1", RunnerHost.Vars(), key));
}
