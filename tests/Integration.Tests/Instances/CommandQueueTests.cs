using Countersign.Domain.Instances;
using Countersign.Workers.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

/// <summary>What a writer's next transaction holds.</summary>
public sealed class CommandQueueTests
{
    [Theory]
    [InlineData(500, 1, 100, 33)]
    [InlineData(500, 40, 100, 64)]
    [InlineData(10, 40, 100, 42)]
    [InlineData(500, 500, 40, 40)]
    public async Task A_batch_has_at_most_a_share_of_one_tenant_and_nobody_is_passed_over(int loud, int quiet, int most, int expected)
    {
        using var queue = new CommandQueue(2_000, 1_000);
        Fill(queue, "loud", loud);
        Fill(queue, "quiet", quiet);

        var batch = await queue.Take(most, 32, long.MaxValue);

        batch.Count.ShouldBe(expected);
        batch.Count(w => w.Command.TenantId == "loud").ShouldBeLessThanOrEqualTo(32);
        batch.Count(w => w.Command.TenantId == "quiet").ShouldBe(Math.Min(quiet, Math.Min(32, most / 2)), "its share does not go to the other");
    }

    [Fact]
    public async Task Every_command_is_handed_out_once_and_a_tenants_in_their_order()
    {
        using var queue = new CommandQueue(2_000, 1_000);
        var sent = new[] { "a", "b", "c" }.SelectMany((t, i) => Fill(queue, t, 70 + (60 * i))).ToList();
        queue.Close();
        queue.TryAdd(Work("a")).ShouldBeFalse("it is closed");

        var got = new List<CommandWork>();
        while (await queue.Take(50, 20, long.MaxValue) is { Count: > 0 } batch)
            got.AddRange(batch);

        foreach (var tenant in sent.GroupBy(w => w.Command.TenantId))
            got.Where(w => w.Command.TenantId == tenant.Key).ShouldBe(tenant);
        got.Count.ShouldBe(sent.Count);
    }

    private static List<CommandWork> Fill(CommandQueue queue, string tenant, int count)
    {
        var all = Enumerable.Range(0, count).Select(_ => Work(tenant)).ToList();
        all.ForEach(w => queue.TryAdd(w).ShouldBeTrue());
        return all;
    }

    private static CommandWork Work(string tenant) => new(new CancelInstance(tenant, Guid.NewGuid(), RunnerHost.Ana, "over"), null, Guid.NewGuid(), null, CancellationToken.None);
}
