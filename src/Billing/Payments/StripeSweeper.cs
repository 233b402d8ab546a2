using Countersign.Projections.Databases;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Billing.Payments;

/// <summary>
/// Removes Stripe's events that were handled long ago. Their ids are what makes a second copy one event, so they stay for longer than Stripe can send one again; one that
/// waits stays until it is handled.
/// </summary>
internal sealed class StripeSweeper(NpgsqlDataSource source, StripeOptions options, TimeProvider clock, ILogger<StripeSweeper> logger)
    : Sweeper(source, new Sweeping("handled events of Stripe", Remove, options.Keep, 1_000, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)), clock, logger)
{
    private const string Remove = """
        with old as materialized (select id from cs.stripe_events where handled_at < $1 order by handled_at limit $2 for update skip locked)
        delete from cs.stripe_events e using old where e.id = old.id
        """;
}
