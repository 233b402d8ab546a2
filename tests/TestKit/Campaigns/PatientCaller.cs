using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Countersign.Client;
using Countersign.TestKit.Services;

namespace Countersign.TestKit.Campaigns;

/// <summary>
/// A person's program that does not take a dead service for an answer: it repeats a call under the same idempotency key, at whichever node answers, until it has one. Only what a
/// partner must be ready for is repeated: no answer, half an answer, 429, 502, 503, 504 and a call in flight. A 500 is repeated too, and counted.
/// </summary>
public sealed class PatientCaller : IDisposable
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(20);
    private readonly HttpClient _http;
    private readonly ConcurrentQueue<string> _faults;
    private int _repeats;

    /// <summary>A program of one person.</summary>
    /// <param name="nodes">Addresses of all nodes; the first one signs people in.</param>
    /// <param name="login">The person.</param>
    /// <param name="faults">Gets each answer that a service at work must not give.</param>
    public PatientCaller(IReadOnlyList<Uri> nodes, string login, ConcurrentQueue<string> faults)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        _faults = faults;
        Login = login;
        _http = new HttpClient(new AnyNode(nodes)) { BaseAddress = nodes[0], Timeout = LongestCall };
        Client = new CountersignClient(_http, new PatientPerson(new DemoPerson(nodes[0], login)), new CountersignClientOptions { Retries = 0 });
    }

    /// <summary>The person.</summary>
    public string Login { get; }

    /// <summary>The typed client; calls go through <see cref="Insist"/>.</summary>
    public CountersignClient Client { get; }

    /// <summary>How many calls were repeated.</summary>
    public int Repeats => Volatile.Read(ref _repeats);

    /// <summary>Calls until there is an answer.</summary>
    public async Task<T> Insist<T>(Func<CountersignClient, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        for (var pause = 100; ; pause = Math.Min(pause * 2, 1_000))
        {
            try
            {
                return await call(Client, cancellation);
            }
            catch (Exception e) when (MayRepeat(e, cancellation))
            {
                if (e is CountersignProblemException { Status: HttpStatusCode.InternalServerError })
                    _faults.Enqueue($"{Login}: {e.Message}");
                Interlocked.Increment(ref _repeats);
            }

            // So that many waiting programs do not fall upon a node that has just come back.
            await Task.Delay((int)(pause * (0.5 + Random.Shared.NextDouble())), cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool MayRepeat(Exception e, CancellationToken cancellation) => e switch
    {
        CountersignProblemException p => (int)p.Status >= 500 || p.Status == HttpStatusCode.TooManyRequests || p.Code == "idempotency.in_flight",
        // A body that broke off is no JSON.
        HttpRequestException or IOException or JsonException or SignInBrokenException => true,
        OperationCanceledException => !cancellation.IsCancellationRequested,
        _ => false,
    };

    /// <summary>A balancer without health checks: each call goes to some node, alive or not.</summary>
    private sealed class AnyNode(IReadOnlyList<Uri> nodes) : DelegatingHandler(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(nodes[Random.Shared.Next(nodes.Count)], request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Signing in takes several pages, of which any may be the one that dies.</summary>
    private sealed class PatientPerson(DemoPerson person) : ITokenProvider
    {
        public async ValueTask<string?> GetTokenAsync(bool renew, CancellationToken cancellationToken)
        {
            try
            {
                return await person.GetTokenAsync(renew, cancellationToken);
            }
            catch (InvalidOperationException e)
            {
                throw new SignInBrokenException(e);
            }
        }
    }

    private sealed class SignInBrokenException(Exception inner) : Exception(inner.Message, inner);
}
