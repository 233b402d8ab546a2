using System.Collections.Concurrent;
using System.Globalization;
using Countersign.Api.Identity;
using Countersign.Projections.Databases;

namespace Countersign.Api.Http;

/// <summary>Settings <c>Countersign:RateLimits</c>; calls a minute over all nodes. See docs/reference/rate-limits.md.</summary>
internal sealed record RateLimitOptions
{
    private const int Most = 10_000_000;

    /// <summary><c>TenantPerMinute</c>. Default 60,000.</summary>
    public int Tenant { get; init; } = 60_000;

    /// <summary><c>CredentialPerMinute</c>: of one person or one key. Default 12,000.</summary>
    public int Credential { get; init; } = 12_000;

    /// <summary>How many nodes share the load; each grants its part.</summary>
    public int Nodes { get; init; } = 1;

    public static RateLimitOptions From(IConfiguration configuration)
    {
        var defaults = new RateLimitOptions();
        return new RateLimitOptions
        {
            Tenant = Number(configuration, "Countersign:RateLimits:TenantPerMinute", defaults.Tenant),
            Credential = Number(configuration, "Countersign:RateLimits:CredentialPerMinute", defaults.Credential),
            Nodes = DatabaseOptions.From(configuration).Nodes,
        };
    }

    private static int Number(IConfiguration configuration, string key, int @default)
    {
        if (configuration[key] is not { } text || string.IsNullOrWhiteSpace(text))
            return @default;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 1 and <= Most
            ? value
            : throw new StartUpException($"The setting {key} is '{text}': use a whole number from 1 to {Most}.");
    }
}

/// <summary>
/// A bucket for each tenant and for each credential, refilled evenly: a full one allows a minute's calls at once. A call takes from both or from none, so that a
/// credential at its limit does not use up its tenant's.
/// </summary>
internal sealed class RateLimits(RateLimitOptions options, TimeProvider clock)
{
    private const int SweepAbove = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly double _ofTenant = Part(options.Tenant, options.Nodes);
    private readonly double _ofCredential = Part(options.Credential, options.Nodes);
    private readonly string _policy = string.Create(CultureInfo.InvariantCulture,
        $"\"tenant\";q={options.Tenant};w={(int)Window.TotalSeconds}, \"credential\";q={options.Credential};w={(int)Window.TotalSeconds}");

    /// <summary>Counts a call of a known caller and writes the headers; the problem when it is one too many.</summary>
    public ProblemAnswer? Count(HttpContext http, Caller caller)
    {
        var now = clock.GetTimestamp();
        var tenant = Of($"tenant {caller.TenantId}", _ofTenant, now);
        var credential = Of($"credential {caller.TenantId} {caller.Actor.Kind} {caller.Id}", _ofCredential, now);
        TimeSpan wait;
        (string Name, double Left, double Full) tighter;
        // Always in this order, so that two calls never wait for each other.
        lock (tenant)
        {
            lock (credential)
            {
                Refill(tenant, _ofTenant, now);
                Refill(credential, _ofCredential, now);
                wait = Max(Until(tenant, _ofTenant), Until(credential, _ofCredential));
                if (wait == TimeSpan.Zero)
                {
                    tenant.Left--;
                    credential.Left--;
                }

                tighter = tenant.Left < credential.Left ? ("tenant", tenant.Left, _ofTenant) : ("credential", credential.Left, _ofCredential);
            }
        }

        var reset = wait > TimeSpan.Zero ? wait : Window * ((tighter.Full - tighter.Left) / tighter.Full);
        http.Response.Headers["RateLimit-Policy"] = _policy;
        http.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{tighter.Name}\";r={(long)Math.Max(0, tighter.Left)};t={(long)Math.Ceiling(reset.TotalSeconds)}");
        return wait == TimeSpan.Zero ? null : new ProblemAnswer(ProblemTable.Kinds["request.rate_limited"],
            $"The limit of the {tighter.Name} is reached: {(tighter.Name == "tenant" ? options.Tenant : options.Credential).ToString("N0", CultureInfo.InvariantCulture)} calls a minute. Wait as long as Retry-After says.", [])
        {
            RetryAfter = wait,
        };
    }

    private static double Part(int limit, int nodes) => Math.Max(1, Math.Ceiling(limit / (double)nodes));

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Until(Bucket bucket, double full) => bucket.Left >= 1 ? TimeSpan.Zero : Window * ((1 - bucket.Left) / full);

    private void Refill(Bucket bucket, double full, long now)
    {
        // Another call may have looked at the clock later and come here first.
        if (now <= bucket.At)
            return;
        bucket.Left = Math.Min(full, bucket.Left + (clock.GetElapsedTime(bucket.At, now) / Window * full));
        bucket.At = now;
    }

    private Bucket Of(string key, double full, long now)
    {
        if (_buckets.Count > SweepAbove)
            Sweep(now);
        return _buckets.GetOrAdd(key, _ => new Bucket { Left = full, At = now });
    }

    // Who was silent for a window has a full bucket, which a new one is too.
    private void Sweep(long now)
    {
        foreach (var (key, bucket) in _buckets)
        {
            if (clock.GetElapsedTime(bucket.At, now) > Window)
                _buckets.TryRemove(key, out _);
        }
    }

    private sealed class Bucket
    {
        public double Left { get; set; }

        public long At { get; set; }
    }
}
