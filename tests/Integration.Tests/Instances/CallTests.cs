using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Sealing;
using Countersign.TestKit.Databases;
using Countersign.Workers.Instances;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Instances that speak to others: calls, escalations, signals and messages through the runner's outbox.</summary>
public sealed class CallTests(PostgresFixture postgres)
{
    private static readonly Actor Otto = new("otto", ActorKind.Person, ["operator"], []);

    [Fact]
    public async Task A_called_process_runs_as_an_instance_of_its_own_and_hands_its_variables_back()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Caller("caller", "called"));
        await node.Publish(tenant, TestProcesses.Job("called", "bank:pay"));
        var parent = Guid.CreateVersion7();
        await node.StartInstance(tenant, "caller", parent, ("amount", 12));

        var call = await Eventually.Find(async () => (await State(node, tenant, parent)).Calls.Values.SingleOrDefault(), "the call is made");
        var child = await Eventually.Find(async () => await Find(node, tenant, call.ChildId) is { Jobs.IsEmpty: false } found ? found : null, "the called instance runs");
        child.Parent.ShouldBe(new CallLink(parent, (await State(node, tenant, parent)).Calls.Keys.Single()));
        child.StartedBy.ShouldBe("ana");
        child.Variables[InstanceState.RootScope]["amount"].GetInt32().ShouldBe(12);

        var (job, open) = child.Jobs.Single();
        await node.Execute(new CompleteJob(tenant, call.ChildId, Actor.System, job, open.Attempt, RunnerHost.Vars(("receipt", "R-1"))));
        var ended = await Eventually.Find(async () => await State(node, tenant, parent) is { HasEnded: true } s ? s : null, "the caller goes on and ends");
        ended.Variables[InstanceState.RootScope]["receipt"].GetString().ShouldBe("R-1");
    }

    [Fact]
    public async Task A_call_of_a_process_that_is_not_published_is_an_incident_and_a_retry_starts_it()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Caller("caller", "straight"));
        var parent = Guid.CreateVersion7();
        await node.StartInstance(tenant, "caller", parent);
        var incident = await Eventually.Find(async () => (await State(node, tenant, parent)).Incidents.Select(i => Tuple.Create(i.Key, i.Value)).SingleOrDefault(), "the incident is raised");
        incident.Item2.Code.ShouldBe("call.failed");

        await node.Publish(tenant, TestProcesses.Straight);
        await node.Execute(new RetryIncident(tenant, parent, Otto, incident.Item1, "published"));
        await Eventually.Holds(async () => (await State(node, tenant, parent)).HasEnded, "the caller ends");
    }

    [Fact]
    public async Task A_process_that_calls_itself_stops_at_fifty_and_its_cancelled_root_cancels_all()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Caller("self", "self"));
        var root = Guid.CreateVersion7();
        await node.StartInstance(tenant, "self", root);
        await Eventually.Holds(async () => await Sql.Ask<long>(database.Connections.Migrator, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'incident.raised' and data::text like '%call.too_deep%'", tenant) == 1, "the innermost stops");
        (await Sql.Ask<long>(database.Connections.Migrator, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started'", tenant)).ShouldBe(CallLink.MostDepth + 1);
        await node.Execute(new CancelInstance(tenant, root, Otto, "it calls itself"));
        await Eventually.Holds(async () => await Sql.Ask<long>(database.Connections.Migrator, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.cancelled'", tenant) == CallLink.MostDepth + 1, "all are cancelled");
    }

    [Fact]
    public async Task A_cancelled_caller_cancels_what_it_called()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Caller("caller", "called"));
        await node.Publish(tenant, TestProcesses.Job("called", "bank:pay"));
        var parent = Guid.CreateVersion7();
        await node.StartInstance(tenant, "caller", parent);
        var child = await Eventually.Find(async () => (await State(node, tenant, parent)).Calls.Values.Single() is var c && await Find(node, tenant, c.ChildId) is { } found ? found : null, "the called instance runs");
        await node.Execute(new CancelInstance(tenant, parent, Otto, "wrong supplier"));
        await Eventually.Holds(async () => (await State(node, tenant, child.Id)).Status == InstanceStatus.Cancelled, "the called instance is cancelled, too");
    }

    [Fact]
    public async Task A_signal_reaches_every_instance_that_waits_and_starts_what_it_starts_once()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var (tenant, other) = (postgres.NewTenant(), postgres.NewTenant());
        foreach (var t in new[] { tenant, other })
        {
            await node.Publish(t, TestProcesses.SignalWaiter);
            await node.Publish(t, TestProcesses.SignalStarted);
        }

        await node.Publish(tenant, TestProcesses.SignalThrower);
        Guid[] waiting = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        foreach (var id in waiting)
            await node.StartInstance(tenant, "waiter", id);
        var foreign = Guid.CreateVersion7();
        await node.StartInstance(other, "waiter", foreign);
        await node.StartInstance(tenant, "thrower", null, ("level", 3));

        await Eventually.Holds(async () => (await State(node, tenant, waiting[0])).HasEnded && (await State(node, tenant, waiting[1])).HasEnded, "both that wait go on");
        (await State(node, tenant, waiting[0])).Variables[InstanceState.RootScope]["how"].GetInt32().ShouldBe(3);
        (await State(node, other, foreign)).HasEnded.ShouldBeFalse("a signal stays inside its tenant");
        await Eventually.Holds(() => Sql.Ask<bool>(database.Connections.Writer, "select count(*) = 1 from cs.mt_events where tenant_id = $1 and type = 'instance.started' and data ->> 'processKey' = 'started'", tenant), "the process that the signal starts is started once");
        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.started' and data ->> 'processKey' = 'started'", other)).ShouldBe(0);
    }

    private static async Task<InstanceState?> Find(RunnerHost node, string tenant, Guid id) =>
        (await node.Host.Services.GetRequiredService<OpenedInstances>().Find(tenant, id, TestContext.Current.CancellationToken))?.State;

    private static async Task<InstanceState> State(RunnerHost node, string tenant, Guid id) => await Find(node, tenant, id) ?? throw new InvalidOperationException("There is no such instance.");
}
