namespace Countersign.Workers.Webhooks;

/// <summary>Settings of the sender, section <c>Webhooks</c>.</summary>
public sealed record WebhookOptions
{
    /// <summary>Whether http and loopback addresses are allowed: true in Development, to try the product with a receiver of one's own; false otherwise.</summary>
    public bool AllowLoopback { get; init; }

    /// <summary>Longest time of one attempt, from connecting to the last byte read. 20 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Most of an answer that is read, in bytes. 64 KB.</summary>
    public int MaxAnswer { get; init; } = 64 * 1024;

    /// <summary>Attempts under way at once in this node, and to one endpoint. 16 and 4.</summary>
    public (int Node, int Endpoint) Parallel { get; init; } = (16, 4);

    /// <summary>How often due deliveries are looked for without being woken. 1 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);
}
