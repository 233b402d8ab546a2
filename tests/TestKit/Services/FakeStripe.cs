using System.Collections.Concurrent;
using System.Globalization;
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

/// <summary>What the fake does to one call.</summary>
public enum StripeTrouble
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Answers 500 and does nothing.</summary>
    Fails,

    /// <summary>Answers 429 and does nothing.</summary>
    Busy,

    /// <summary>Does it, then ends the connection without an answer.</summary>
    ActsAndDies,
}

/// <summary>
/// A small Stripe on loopback for the calls the product makes: checks the credential, the required and known fields and the idempotency key as Stripe does, and answers
/// with the fields the library reads. Not a simulation of billing.
/// </summary>
public sealed class FakeStripe : IAsyncDisposable
{
    /// <summary>The key it accepts.</summary>
    public const string Key = "sk_test_fake";

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, (string Body, int Status, string Answer)> answered = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, string>> customers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FakeSubscription> subscriptions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FakeMeterEvent> meter = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> unpaid = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> faults = new();
    private int numbers;
    private int calls;

    private FakeStripe(WebApplication app) => this.app = app;

    /// <summary>Base address for the product's setting.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Meter events by identifier; each once.</summary>
    public IReadOnlyDictionary<string, FakeMeterEvent> Meter => meter;

    /// <summary>Customers: id to metadata <c>tenant</c>.</summary>
    public IReadOnlyDictionary<string, string> Customers => customers.ToDictionary(c => c.Key, c => c.Value.GetValueOrDefault("metadata[tenant]", ""), StringComparer.Ordinal);

    /// <summary>Subscriptions by id. A test may change their status.</summary>
    public IDictionary<string, FakeSubscription> Subscriptions => subscriptions;

    /// <summary>Open invoices whose payment was tried in vain: id to customer. A test adds and takes away.</summary>
    public IDictionary<string, string> Unpaid => unpaid;

    /// <summary>Calls that Stripe would have refused as wrong; empty when the product speaks right.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    /// <summary>Calls so far, repeats included.</summary>
    public int Calls => calls;

    /// <summary>Decides about each call by its number, from 1.</summary>
    public Func<int, StripeTrouble> Trouble { get; set; } = _ => StripeTrouble.None;

    /// <summary>Starts on a free loopback port.</summary>
    public static async Task<FakeStripe> StartAsync(CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var built = builder.Build();
        var fake = new FakeStripe(built);
        built.MapPost("/v1/customers", c => fake.Post(c, ["name"], ["name", "metadata[tenant]"], fake.NewCustomer));
        built.MapGet("/v1/customers/search", fake.Search);
        built.MapPost("/v1/subscriptions", c => fake.Post(c, ["customer", "items[0][price]"], ["customer", "items[0][price]"], fake.NewSubscription));
        built.MapGet("/v1/subscriptions/{id}", c => fake.Get(c, () => fake.subscriptions.TryGetValue((string)c.Request.RouteValues["id"]!, out var s) ? s.Json : null));
        built.MapGet("/v1/invoices", fake.OpenInvoices);
        built.MapDelete("/v1/subscriptions/{id}", fake.Cancel);
        built.MapPost("/v1/billing/meter_events", c => fake.Post(c, ["event_name", "payload[stripe_customer_id]", "payload[value]"],
            ["event_name", "identifier", "timestamp", "payload[stripe_customer_id]", "payload[value]"], fake.NewMeterEvent));
        built.MapFallback(c => fake.Refuse(c, 404, "invalid_request_error", $"Unrecognized request URL ({c.Request.Method}: {c.Request.Path})."));
        await built.StartAsync(cancellationToken);
        return fake;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Post(HttpContext context, string[] required, string[] known, Func<IReadOnlyDictionary<string, string>, (int Status, string Answer)> act)
    {
        var trouble = Trouble(Interlocked.Increment(ref calls));
        if (await Bad(context, trouble))
            return;
        var form = (await context.Request.ReadFormAsync(context.RequestAborted)).ToDictionary(f => f.Key, f => f.Value.ToString(), StringComparer.Ordinal);
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        var body = string.Join('&', form.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Key + "=" + f.Value));
        if (key.Length is 0 or > 255)
        {
            faults.Enqueue($"{context.Request.Path} without a usable Idempotency-Key");
        }
        else if (answered.TryGetValue(key, out var before))
        {
            if (before.Body != context.Request.Path + "?" + body)
                await Refuse(context, 400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters they were first used with.");
            else
                await Say(context, before.Status, before.Answer);
            return;
        }

        if (required.FirstOrDefault(r => !form.ContainsKey(r)) is { } missing)
        {
            await Refuse(context, 400, "invalid_request_error", $"Missing required param: {missing}.");
            return;
        }

        if (form.Keys.FirstOrDefault(k => !known.Contains(k, StringComparer.Ordinal)) is { } unknown)
        {
            await Refuse(context, 400, "invalid_request_error", $"Received unknown parameter: {unknown}");
            return;
        }

        (int Status, string Answer) answer;
        lock (answered)
            answer = answered.TryGetValue(key, out var meanwhile) ? (meanwhile.Status, meanwhile.Answer) : act(form);
        if (answer.Status < 500)
            answered.TryAdd(key, (context.Request.Path + "?" + body, answer.Status, answer.Answer));
        if (trouble == StripeTrouble.ActsAndDies)
            context.Abort();
        else
            await Say(context, answer.Status, answer.Answer);
    }

    private async Task Get(HttpContext context, Func<string?> find)
    {
        var trouble = Trouble(Interlocked.Increment(ref calls));
        if (await Bad(context, trouble))
            return;
        var answer = find();
        if (trouble == StripeTrouble.ActsAndDies)
            context.Abort();
        else if (answer is { } found)
            await Say(context, 200, found);
        else
            await Say(context, 404, Error("invalid_request_error", "No such object."));
    }

    private Task Search(HttpContext context) => Get(context, () =>
    {
        var query = context.Request.Query["query"].ToString();
        var found = customers.Where(c => query == $"metadata['tenant']:'{c.Value.GetValueOrDefault("metadata[tenant]", "")}'").Select(c => Customer(c.Key));
        return $$"""{"object":"search_result","data":[{{string.Join(',', found)}}],"has_more":false,"url":"/v1/customers/search"}""";
    });

    private Task OpenInvoices(HttpContext context) => Get(context, () =>
    {
        var query = context.Request.Query;
        var found = unpaid.Where(i => query["status"] == "open" && query["customer"] == i.Value)
            .Select(i => $$"""{"id":"{{i.Key}}","object":"invoice","attempted":true,"customer":"{{i.Value}}","status":"open","livemode":false,"created":1}""");
        return $$"""{"object":"list","data":[{{string.Join(',', found)}}],"has_more":false,"url":"/v1/invoices"}""";
    });

    private Task Cancel(HttpContext context) => Get(context, () =>
    {
        var id = (string)context.Request.RouteValues["id"]!;
        // Stripe ends a subscription once; a second time it does not know it any more.
        if (!subscriptions.TryGetValue(id, out var s) || s.Status == "canceled")
            return null;
        subscriptions[id] = s with { Status = "canceled" };
        return subscriptions[id].Json;
    });

    private async Task<bool> Bad(HttpContext context, StripeTrouble trouble)
    {
        if (context.Request.Headers.Authorization != "Bearer " + Key)
            await Refuse(context, 401, "invalid_request_error", "Invalid API Key provided.");
        else if (context.Request.Headers["Stripe-Version"].Count != 1)
            await Refuse(context, 400, "invalid_request_error", "No Stripe-Version.");
        else if (trouble == StripeTrouble.Fails)
            await Say(context, 500, Error("api_error", "Something went wrong on Stripe's end."));
        else if (trouble == StripeTrouble.Busy)
            await Say(context, 429, Error("invalid_request_error", "Too many requests hit the API too quickly."));
        else
            return false;
        return true;
    }

    private (int Status, string Answer) NewCustomer(IReadOnlyDictionary<string, string> form)
    {
        var id = Number("cus_");
        customers[id] = new ConcurrentDictionary<string, string>(form, StringComparer.Ordinal);
        return (200, Customer(id));
    }

    private (int Status, string Answer) NewSubscription(IReadOnlyDictionary<string, string> form)
    {
        if (!customers.ContainsKey(form["customer"]))
            return (400, Error("invalid_request_error", $"No such customer: '{form["customer"]}'"));
        var made = new FakeSubscription(Number("sub_"), form["customer"], form["items[0][price]"], "active");
        subscriptions[made.Id] = made;
        return (200, made.Json);
    }

    private (int Status, string Answer) NewMeterEvent(IReadOnlyDictionary<string, string> form)
    {
        var told = new FakeMeterEvent(form["payload[stripe_customer_id]"], decimal.Parse(form["payload[value]"], CultureInfo.InvariantCulture),
            DateTimeOffset.FromUnixTimeSeconds(long.Parse(form["timestamp"], CultureInfo.InvariantCulture)));
        if (!customers.ContainsKey(told.Customer))
            return (400, Error("invalid_request_error", $"No such customer: '{told.Customer}'"));
        return meter.TryAdd(form["identifier"], told)
            ? (200, $$"""{"object":"billing.meter_event","created":1,"event_name":"{{form["event_name"]}}","identifier":"{{form["identifier"]}}","livemode":false,"payload":{"stripe_customer_id":"{{told.Customer}}","value":"1"},"timestamp":1}""")
            : (400, Error("invalid_request_error", $"An event already exists with identifier {form["identifier"]}."));
    }

    private async Task Refuse(HttpContext context, int status, string type, string message)
    {
        faults.Enqueue($"{context.Request.Method} {context.Request.Path}: {message}");
        await Say(context, status, Error(type, message));
    }

    private static Task Say(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }

    private static string Customer(string id) => $$"""{"id":"{{id}}","object":"customer","created":1,"livemode":false,"metadata":{} }""";

    private static string Error(string type, string message) => $$"""{"error":{"type":"{{type}}","message":"{{message.Replace("\"", "'", StringComparison.Ordinal)}}"} }""";

    private string Number(string prefix) => prefix + Interlocked.Increment(ref numbers).ToString("D6", CultureInfo.InvariantCulture);
}

/// <summary>A subscription of the fake.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Customer">Its customer.</param>
/// <param name="Price">Its price.</param>
/// <param name="Status">Stripe's word.</param>
/// <param name="EndedAt">When it ended, in seconds of Unix, or null.</param>
public sealed record FakeSubscription(string Id, string Customer, string Price, string Status, long? EndedAt = null)
{
    /// <summary>As Stripe says it.</summary>
    public string Json =>
        $$$"""{"id":"{{{Id}}}","object":"subscription","customer":"{{{Customer}}}","status":"{{{Status}}}","livemode":false,"created":1,"ended_at":{{{EndedAt?.ToString(CultureInfo.InvariantCulture) ?? "null"}}},"items":{"object":"list","data":[{"id":"si_1","object":"subscription_item","current_period_end":1798761600,"current_period_start":1796083200,"price":{"id":"{{{Price}}}","object":"price"},"subscription":"{{{Id}}}"}],"has_more":false}}""";
}

/// <summary>A meter event of the fake.</summary>
/// <param name="Customer">Its customer.</param>
/// <param name="Value">Its value.</param>
/// <param name="At">Its time (UTC).</param>
public sealed record FakeMeterEvent(string Customer, decimal Value, DateTimeOffset At);
