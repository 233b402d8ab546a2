namespace Countersign.TestKit.Campaigns;

/// <summary>What a campaign is to do.</summary>
/// <param name="Seed">Seed of the invoices, the moments of the kills and the people's verdicts.</param>
/// <param name="Invoices">How many invoices.</param>
/// <param name="Kills">How many kills while they are worked on; one more falls on the export.</param>
/// <param name="Nodes">How many nodes share the database.</param>
public sealed record CampaignPlan(int Seed, int Invoices, int Kills, int Nodes = 1)
{
    /// <summary>Without any progress for this long, the campaign ends and says what is stuck.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(3);
}

/// <summary>How far a campaign is.</summary>
public sealed record CampaignProgress(int Acknowledged, int Ended, int Kills, int Deliveries);

/// <summary>What a campaign measured and what did not hold.</summary>
public sealed record CampaignResult
{
    /// <summary>One sentence for each invariant that does not hold; empty when all is well.</summary>
    public required IReadOnlyList<string> Broken { get; init; }

    /// <summary>The kills.</summary>
    public required IReadOnlyList<Kill> Kills { get; init; }

    /// <summary>From each kill to the next effect that arrived; null when none did.</summary>
    public required IReadOnlyList<TimeSpan?> FirstEffects { get; init; }

    /// <summary>Acknowledged starts.</summary>
    public required int Acknowledged { get; init; }

    /// <summary>Calls that clients had to repeat.</summary>
    public required int Repeats { get; init; }

    /// <summary>Tasks that people answered.</summary>
    public required int Answered { get; init; }

    /// <summary>Effects that the books ask for.</summary>
    public required int Expected { get; init; }

    /// <summary>Effects that the receiver applied.</summary>
    public required int Applied { get; init; }

    /// <summary>Deliveries as they came, repeats included.</summary>
    public required int Deliveries { get; init; }

    /// <summary>For each repeated delivery: how long after the one before it came.</summary>
    public required IReadOnlyList<TimeSpan> RepeatedAfter { get; init; }

    /// <summary>Until every start was acknowledged.</summary>
    public required TimeSpan HandedIn { get; init; }

    /// <summary>Until every instance had ended.</summary>
    public required TimeSpan AllEnded { get; init; }

    /// <summary>From the last end until no message and no job was left.</summary>
    public required TimeSpan Settled { get; init; }

    /// <summary>From then until the export was written, fetched and verified.</summary>
    public required TimeSpan Proven { get; init; }

    /// <summary>The verifier's verdict and what it looked at.</summary>
    public required string Verdict { get; init; }

    /// <summary>Repeats as a share of the effects.</summary>
    public double RepeatedShare => Applied == 0 ? 0 : (double)(Deliveries - Applied) / Applied;

    /// <summary>The last lines of the nodes, for a campaign that failed.</summary>
    public required string Output { get; init; }
}
