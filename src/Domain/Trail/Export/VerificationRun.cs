namespace Countersign.Domain.Trail;

/// <summary>What one verification knows so far.</summary>
internal sealed class VerificationRun(BundleManifest manifest, Action<VerificationProgress>? progress)
{
    /// <summary>After so many findings nothing new is learnt.</summary>
    public const int MaximumFindings = 50;

    private const int Step = 4096;

    private readonly long _total = manifest.Epochs.Sum(e => Math.Max(0, e.End - e.First));

    public BundleManifest Manifest { get; } = manifest;

    public List<Finding> Findings { get; } = [];

    public BundleReader Files { get; set; } = null!;

    public BundleTrust Trust { get; set; } = null!;

    public List<Checkpoint> Held { get; } = [];

    public StreamVersions Streams { get; } = new();

    public long Leaves { get; set; }

    public long Contents { get; set; }

    public long Late { get; set; }

    public long WithheldSealed { get; private set; }

    public long WithheldErased { get; private set; }

    public bool Full => Findings.Count >= MaximumFindings;

    public void Report(string code, string message, LeafPlace? leaf = null) => Report(new Finding(code, message, leaf));

    public void Report(Finding finding)
    {
        if (!Full)
            Findings.Add(finding);
    }

    public void Withhold(string why)
    {
        if (why == "sealed")
            WithheldSealed++;
        else
            WithheldErased++;
    }

    public void Tick()
    {
        if (Leaves % Step == 0)
            progress?.Invoke(new VerificationProgress(Leaves, _total));
    }

    public void Done() => progress?.Invoke(new VerificationProgress(Leaves, _total));
}
