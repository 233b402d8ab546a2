namespace Countersign.Client;

/// <summary>Settings of one call.</summary>
/// <param name="IdempotencyKey">Key that makes a repeat safe, 1 to 255 printable ASCII characters; a new one per call when null. Give your own to repeat a call
/// after a crash of your program.</param>
/// <param name="IfVersion">Version of the resource that you have read: when it has changed since, the call is refused with 412. Acts on instances and incidents take it; null acts
/// whatever has happened.</param>
public sealed record CallOptions(string? IdempotencyKey = null, long? IfVersion = null);

/// <summary>Settings of a client.</summary>
public sealed record CountersignClientOptions
{
    /// <summary>Tries after the first, for calls that are safe to repeat; 0 to 10, 3 by default.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>First pause before a repeat; doubled each time, with jitter. 200 ms by default.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause, a <c>Retry-After</c> included: a longer one is handed to the caller as a problem. 30 s by default.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Clock of the pauses; the system's by default.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
