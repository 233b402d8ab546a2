using Countersign.Integration.Tests.Databases;
using Countersign.TestKit.Campaigns;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Campaigns;

/// <summary>The campaign of docs/reference/campaigns.md, small: what it asserts is safety, what it measures it only prints.</summary>
public sealed class KillCampaignTests(DurablePostgres postgres, ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_service_killed_in_the_middle_of_its_work_ends_every_instance_once_G1()
    {
        var plan = new CampaignPlan(Random.Shared.Next(), Invoices: 12, Kills: 2) { Patience = TimeSpan.FromMinutes(2) };
        output.WriteLine($"Seed {plan.Seed}");

        var result = await KillCampaign.Run(plan, await postgres.Database("kills", TestContext.Current.CancellationToken), _folder.Path, _ => { }, TestContext.Current.CancellationToken);

        output.WriteLine($"Ready again after {string.Join(", ", result.Kills.Select(k => $"{k.ReadyAfter.TotalSeconds:0.0} s"))}; all ended after {result.AllEnded.TotalSeconds:0.0} s; "
            + $"{result.Deliveries - result.Applied} of {result.Deliveries} deliveries repeated; {result.Repeats} calls repeated.");
        result.Broken.ShouldBeEmpty($"Seed {plan.Seed}.{Environment.NewLine}{result.Output}");
        result.Kills.Count.ShouldBe(3, "two in the work, one in the export");
        result.Acknowledged.ShouldBe(12);
        result.Applied.ShouldBe(result.Expected);
        result.Verdict.ShouldStartWith("PROVEN");
    }
}
