using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>A tenant with few commands does not wait behind a crowd of another's.</summary>
public sealed class ExpressWriterTests(PostgresFixture postgres)
{
    private const int Express = 2;

    [Fact]
    public async Task A_quiet_tenant_is_answered_while_every_other_writer_is_at_a_crowd()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), configure: b => b.Configuration["Countersign:Runner:BatchOfTenant"] = "5");
        var (loud, quiet) = (postgres.NewTenant(), postgres.NewTenant());
        await node.Publish(loud, TestProcesses.Straight);
        await node.Publish(quiet, TestProcesses.Straight);
        var gate = new TaskCompletionSource();
        var held = 0;
        // The first batch of each of the two writers is held; there is nobody else's yet.
        node.Runner.Fault = point => point == "taken" && Interlocked.Increment(ref held) <= 2 ? gate.Task : Task.CompletedTask;

        var crowd = Enumerable.Range(0, 40).Select(_ => node.StartInstance(loud, "straight")).ToArray();
        await Eventually.Holds(() => Task.FromResult(Volatile.Read(ref held) == 2), "both writers are at the crowd");
        (await node.StartInstance(quiet, "straight")).Refusal.ShouldBeNull();

        crowd.ShouldAllBe(c => !c.IsCompleted);
        gate.SetResult();
        (await Task.WhenAll(crowd)).ShouldAllBe(r => r.Refusal == null);
    }

    [Fact]
    public void Without_a_crowd_the_instance_alone_decides()
    {
        var choice = new WriterChoice(Express, 32);
        foreach (var key in Keys("a", 32).Concat(Keys("b", 32)))
            choice.Enter(key).ShouldBeLessThan(Express);
    }

    [Fact]
    public void Beside_a_crowd_few_go_by_the_express_writer_and_many_do_not()
    {
        var choice = new WriterChoice(Express, 32);
        var crowd = Keys("loud", 33);
        foreach (var key in crowd)
            choice.Enter(key).ShouldBeLessThan(Express);
        var writers = Keys("quiet", 6).Select(choice.Enter).ToList();
        writers.Take(4).ShouldAllBe(w => w == Express);
        writers.Skip(4).ShouldAllBe(w => w < Express);

        choice.Leave(crowd[0]);
        choice.Enter(Keys("third", 1)[0]).ShouldBeLessThan(Express, "the crowd is over");
    }

    [Fact]
    public void Commands_of_one_instance_follow_one_another_to_one_writer()
    {
        var choice = new WriterChoice(Express, 32);
        var own = Keys("quiet", 1)[0];
        var before = choice.Enter(own);
        foreach (var key in Keys("loud", 40))
            choice.Enter(key);
        choice.Enter(own).ShouldBe(before);
        choice.Leave(own);
        choice.Enter(own).ShouldBe(before);
        choice.Leave(own);
        choice.Leave(own);
        choice.Enter(own).ShouldBe(Express);
    }

    private static List<InstanceKey> Keys(string tenant, int count) => [.. Enumerable.Range(0, count).Select(_ => new InstanceKey(tenant, Guid.CreateVersion7()))];
}
