using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.TestKit.Services;

/// <summary>One delivery as it arrived.</summary>
/// <param name="EffectId">The <c>Idempotency-Key</c>, by which a receiver applies an effect once.</param>
/// <param name="Body">The raw body.</param>
/// <param name="Headers">Headers by name.</param>
public sealed record ReceivedDelivery(string EffectId, string Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>When it had arrived whole.</summary>
    public DateTimeOffset At { get; init; } = TimeProvider.System.GetUtcNow();
}

/// <summary>A partner system on loopback: stores every raw delivery, and applies each effect key once.</summary>
public sealed class EffectReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<ReceivedDelivery> deliveries = new();
    private readonly ConcurrentDictionary<string, ReceivedDelivery> applied = new(StringComparer.Ordinal);

    private EffectReceiver(WebApplication app) => this.app = app;

    /// <summary>Address to subscribe.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First() + "/hooks");

    /// <summary>Everything that arrived, repeats included.</summary>
    public IReadOnlyCollection<ReceivedDelivery> Deliveries => deliveries;

    /// <summary>Effects by key, each once.</summary>
    public IReadOnlyDictionary<string, ReceivedDelivery> Applied => applied;

    /// <summary>Status to answer with; 200 by default. May be changed while running.</summary>
    public Func<ReceivedDelivery, HttpStatusCode> Answer { get; set; } = _ => HttpStatusCode.OK;

    /// <summary>Starts on a free loopback port.</summary>
    public static async Task<EffectReceiver> StartAsync(CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var built = builder.Build();
        var receiver = new EffectReceiver(built);
        built.MapPost("/hooks", receiver.Receive);
        await built.StartAsync(cancellationToken);
        return receiver;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Receive(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var delivery = new ReceivedDelivery(headers.GetValueOrDefault("Idempotency-Key", ""), body, headers);
        deliveries.Enqueue(delivery);
        var answer = Answer(delivery);
        if ((int)answer is >= 200 and < 300)
            applied.TryAdd(delivery.EffectId, delivery);
        context.Response.StatusCode = (int)answer;
    }
}
