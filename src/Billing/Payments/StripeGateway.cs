using System.Globalization;
using System.Net;
using Stripe;
using Stripe.Billing;

namespace Countersign.Billing.Payments;

/// <summary>What is known of a subscription, as Stripe says it now.</summary>
/// <param name="Id">Stripe's id.</param>
/// <param name="CustomerId">Its customer.</param>
/// <param name="Status">Stripe's word: <c>active</c>, <c>past_due</c>, <c>canceled</c>, ...</param>
/// <param name="PriceId">Price of its first item, or null.</param>
/// <param name="PeriodEnd">End of the period that is billed next (UTC), or null.</param>
/// <param name="EndedAt">When it ended (UTC), or null.</param>
public sealed record SubscriptionReading(string Id, string CustomerId, string Status, string? PriceId, DateTimeOffset? PeriodEnd, DateTimeOffset? EndedAt = null);

/// <summary>Stripe did not take it, and will not take it as it is.</summary>
public sealed class StripeRefusalException(string message, Exception inner) : Exception(message, inner);

/// <summary>Stripe could not be asked now: network, limits, its own trouble. To be tried again under the same key.</summary>
public sealed class StripeUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>
/// The calls to Stripe. Each that makes something carries an idempotency key that depends only on what is meant, so that a repeat after a crash is the same call. Stripe
/// keeps keys and meter identifiers for at least 24 hours (docs.stripe.com, read 2026-11).
/// </summary>
public sealed class StripeGateway
{
    private readonly StripeClient _client;
    private readonly StripeOptions _options;

    /// <summary>Makes a gateway.</summary>
    /// <param name="http">Client for the calls; its time-out is the calls'.</param>
    /// <param name="options">Settings; <see cref="StripeOptions.ApiKey"/> is set.</param>
    public StripeGateway(HttpClient http, StripeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        // Repeats are ours: they outlive the process.
        _client = new StripeClient(options.ApiKey, httpClient: new SystemNetHttpClient(http, maxNetworkRetries: 0, enableTelemetry: false),
            apiBase: options.ApiBase?.AbsoluteUri.TrimEnd('/'));
    }

    /// <summary>Makes the customer of a tenant; again it answers the same one for as long as Stripe keeps the key.</summary>
    public Task<string> CreateCustomer(string tenant, string name, CancellationToken cancel) => Call(async () => (await new CustomerService(_client).CreateAsync(
        new CustomerCreateOptions { Name = name, Metadata = new() { ["tenant"] = tenant } }, Once($"countersign-customer-{tenant}"), cancel)).Id);

    /// <summary>The customer that bears a tenant in its metadata, or null. Asked before one is made: keys are kept a day, customers for good.</summary>
    public Task<string?> FindCustomer(string tenant, CancellationToken cancel) => Call(async () =>
    {
        var found = await new CustomerService(_client).SearchAsync(new CustomerSearchOptions { Query = $"metadata['tenant']:'{tenant}'", Limit = 1 }, cancellationToken: cancel);
        return found.Data.FirstOrDefault()?.Id;
    });

    /// <summary>Subscribes a customer to a metered price.</summary>
    /// <param name="customer">Stripe's id of the customer.</param>
    /// <param name="price">Stripe's id of the price.</param>
    /// <param name="since">When the plan was chosen: a plan chosen again later is another subscription.</param>
    /// <param name="after">The subscription it follows, or null: one that follows another is another.</param>
    /// <param name="cancel">Gives up; Stripe may have acted all the same.</param>
    public Task<SubscriptionReading> Subscribe(string customer, string price, DateTimeOffset since, string? after, CancellationToken cancel) => Call(async () => Reading(
        await new SubscriptionService(_client).CreateAsync(
            new SubscriptionCreateOptions { Customer = customer, Items = [new SubscriptionItemOptions { Price = price }] },
            Once(string.Create(CultureInfo.InvariantCulture, $"countersign-subscription-{customer}-{price}-{since.ToUnixTimeMilliseconds()}{(after is null ? "" : "-")}{after}")), cancel)));

    /// <summary>Ends a subscription at once; what was counted so far is billed. One that has ended already is only read again; null where Stripe has none of this id.</summary>
    public async Task<SubscriptionReading?> Cancel(string subscription, CancellationToken cancel)
    {
        try
        {
            return await Call(async () => Reading(
                await new SubscriptionService(_client).CancelAsync(subscription, new SubscriptionCancelOptions { InvoiceNow = true }, Once($"countersign-cancel-{subscription}"), cancel)));
        }
        catch (StripeRefusalException)
        {
            // Stripe ends a subscription once: ended there meanwhile, or the first answer was lost.
            if (await Read(subscription, cancel) is not { } now)
                return null;
            if (now.Status is "canceled" or "incomplete_expired")
                return now;
            throw;
        }
    }

    /// <summary>Reads a subscription as it is now, or null where Stripe has none of this id.</summary>
    public Task<SubscriptionReading?> Read(string subscription, CancellationToken cancel) => Call<SubscriptionReading?>(async () =>
    {
        try
        {
            return Reading(await new SubscriptionService(_client).GetAsync(subscription, cancellationToken: cancel));
        }
        catch (StripeException e) when (e.HttpStatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    });

    /// <summary>Whether an invoice of the customer is open that was not paid when it was to be: the newest hundred are looked at. One that Stripe gave up or voided is not open.</summary>
    public Task<bool> Owes(string customer, DateTimeOffset now, CancellationToken cancel) => Call(async () =>
    {
        var open = await new InvoiceService(_client).ListAsync(new InvoiceListOptions { Customer = customer, Status = "open", Limit = 100 }, cancellationToken: cancel);
        return open.Data.Exists(i => i.Attempted || (i.DueDate is { } due && Utc(due) < now));
    });

    /// <summary>Tells one completed case. A case told before is not told twice: Stripe knows the identifier.</summary>
    public Task Meter(string customer, Guid eventId, DateTimeOffset at, CancellationToken cancel) => Call(async () =>
    {
        var identifier = eventId.ToString("D", CultureInfo.InvariantCulture);
        var told = new MeterEventCreateOptions
        {
            EventName = _options.MeterEvent,
            Identifier = identifier,
            Timestamp = at.UtcDateTime,
            Payload = new() { ["stripe_customer_id"] = customer, ["value"] = "1" },
        };
        try
        {
            await new MeterEventService(_client).CreateAsync(told, Once($"countersign-case-{identifier}"), cancel);
        }
        catch (StripeException e) when (e.HttpStatusCode == HttpStatusCode.BadRequest && e.Message.Contains(identifier, StringComparison.Ordinal) && e.Message.Contains("already exists", StringComparison.Ordinal))
        {
            // The first telling arrived and its answer did not.
        }

        return true;
    });

    private static RequestOptions Once(string key) => new() { IdempotencyKey = key };

    private static SubscriptionReading Reading(Subscription s) =>
        new(s.Id, s.CustomerId, s.Status, s.Items?.Data.FirstOrDefault()?.Price?.Id, s.Items?.Data.FirstOrDefault()?.CurrentPeriodEnd is { } end && end != default ? Utc(end) : null,
            (s.EndedAt ?? s.CanceledAt) is { } ended && ended != default ? Utc(ended) : null);

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static async Task<T> Call<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (StripeException e) when (e.HttpStatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
            and not (HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
        {
            throw new StripeRefusalException(e.StripeError?.Message ?? e.Message, e);
        }
        catch (Exception e) when (e is StripeException or HttpRequestException or TimeoutException || (e is TaskCanceledException { InnerException: TimeoutException }))
        {
            // A wrong key is mended by an operator, so it waits like an outage.
            throw new StripeUnavailableException(e.Message, e);
        }
    }
}
