namespace Countersign.Billing.Payments;

/// <summary>
/// Handles stored events by asking Stripe how the thing is now. An event says only that something changed; so events in any order, twice, or late lead to the same state.
/// </summary>
internal sealed class StripeEvents(StripeInbox inbox, StripeGateway gateway, BillingAccounts accounts, TimeProvider clock)
{
    private const int AtOnce = 100;

    /// <summary>Handles what is due.</summary>
    /// <returns>How many were handled.</returns>
    public async Task<int> HandleDue(CancellationToken cancel)
    {
        var handled = 0;
        foreach (var waiting in await inbox.Due(AtOnce, cancel))
        {
            try
            {
                await inbox.Handled(waiting.Id, await Handle(waiting, cancel), cancel);
                handled++;
            }
            catch (StripeUnavailableException e)
            {
                await inbox.Later(waiting.Id, clock.GetUtcNow() + Backoff.After(waiting.Attempts), e.Message, cancel);
            }
            catch (StripeRefusalException e)
            {
                await inbox.Handled(waiting.Id, "refused: " + e.Message, cancel);
            }
        }

        return handled;
    }

    private async Task<string> Handle(WaitingEvent waiting, CancellationToken cancel)
    {
        var subscription = await SubscriptionOf(waiting, cancel);
        if (subscription is null)
            return "nothing to read again";
        var asked = clock.GetUtcNow();
        var reading = await gateway.Read(subscription, cancel);
        if (reading is null)
        {
            await accounts.Gone(subscription, asked, cancel);
            return "no such subscription any more";
        }

        return await accounts.Keep(reading, asked, cancel) ? $"read again: {reading.Status}" : "no tenant has this customer";
    }

    // An invoice or a customer that changed may have changed the standing of the subscription we know of.
    private async Task<string?> SubscriptionOf(WaitingEvent waiting, CancellationToken cancel)
    {
        if (waiting.Type.StartsWith("customer.subscription.", StringComparison.Ordinal))
            return waiting.ObjectId;
        return waiting.CustomerId is { } customer && (waiting.Type.StartsWith("invoice.", StringComparison.Ordinal) || waiting.Type.StartsWith("customer.", StringComparison.Ordinal))
            ? (await accounts.OfCustomer(customer, cancel))?.SubscriptionId
            : null;
    }
}

/// <summary>Pauses between attempts: 5 s, doubled to at most an hour.</summary>
internal static class Backoff
{
    public static TimeSpan After(int attempts) => TimeSpan.FromSeconds(Math.Min(3600, 5 * Math.Pow(2, Math.Min(attempts, 20))));
}
