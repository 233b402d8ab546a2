using Npgsql;
using NpgsqlTypes;
using Stripe;

namespace Countersign.Billing.Payments;

/// <summary>What became of a call of Stripe's.</summary>
public enum Intake
{
    /// <summary>Stored; to be handled.</summary>
    Stored,

    /// <summary>Stored before; nothing more is done.</summary>
    Known,

    /// <summary>The signature is missing, wrong, or too old: nothing was stored.</summary>
    Refused,
}

/// <summary>An event that waits to be handled.</summary>
internal sealed record WaitingEvent(string Id, string Type, string? ObjectId, string? CustomerId, int Attempts);

/// <summary>Takes Stripe's events in: the signature of the raw body first, then stored, then answered; handled later, once for each id.</summary>
/// <param name="source">The writer's pool.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">Clock.</param>
public sealed class StripeInbox(NpgsqlDataSource source, StripeOptions options, TimeProvider clock)
{
    /// <summary>Largest body taken, 256 KiB; Stripe's events are a few.</summary>
    public const int LargestBody = 256 * 1024;

    /// <summary>Takes one call in.</summary>
    /// <param name="body">The body as it came.</param>
    /// <param name="signature">Header <c>Stripe-Signature</c>.</param>
    /// <param name="cancel">Gives up; Stripe sends again.</param>
    public async Task<Intake> Take(string body, string? signature, CancellationToken cancel)
    {
        if (options.WebhookSecret is not { Length: > 0 } secret || string.IsNullOrEmpty(signature))
            return Intake.Refused;
        Event said;
        try
        {
            // The account's API version may be newer than the library's: only ids are used, and objects are read again.
            said = EventUtility.ConstructEvent(body, signature, secret, (long)options.Tolerance.TotalSeconds, clock.GetUtcNow().ToUnixTimeSeconds(), throwOnApiVersionMismatch: false);
        }
        catch (Exception e) when (e is StripeException or System.Text.Json.JsonException or Newtonsoft.Json.JsonException or InvalidOperationException or FormatException or ArgumentException or NullReferenceException
            or InvalidCastException or KeyNotFoundException)
        {
            // Whatever is wrong with it, it is not an event of Stripe's: the library shows some malformed bodies by exceptions of its own parts.
            return Intake.Refused;
        }

        if (said.Id is not { Length: > 0 and <= 255 })
            return Intake.Refused;
        await using var command = source.CreateCommand(
            """
            insert into cs.stripe_events (id, type, object_id, customer_id, body, received_at, next_attempt_at) values ($1, $2, $3, $4, $5, $6, $6) on conflict (id) do nothing
            """);
        command.Parameters.Add(new() { Value = said.Id });
        command.Parameters.Add(new() { Value = said.Type ?? "" });
        command.Parameters.Add(new() { Value = (object?)(said.Data?.Object as IHasId)?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)CustomerOf(said.Data?.Object) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = body });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancel) == 1 ? Intake.Stored : Intake.Known;
    }

    internal async Task<IReadOnlyList<WaitingEvent>> Due(int take, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select id, type, object_id, customer_id, attempts from cs.stripe_events where handled_at is null and next_attempt_at <= $1 order by next_attempt_at, id limit $2");
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = take });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var due = new List<WaitingEvent>();
        while (await rows.ReadAsync(cancel))
            due.Add(new WaitingEvent(rows.GetString(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetString(2), rows.IsDBNull(3) ? null : rows.GetString(3), rows.GetInt32(4)));
        return due;
    }

    internal Task Handled(string id, string detail, CancellationToken cancel) => Set(
        "update cs.stripe_events set handled_at = $2, detail = $3, attempts = attempts + 1 where id = $1 and handled_at is null", id, clock.GetUtcNow(), detail, cancel);

    internal Task Later(string id, DateTimeOffset at, string detail, CancellationToken cancel) => Set(
        "update cs.stripe_events set next_attempt_at = $2, detail = $3, attempts = attempts + 1 where id = $1 and handled_at is null", id, at, detail, cancel);

    private async Task Set(string sql, string id, DateTimeOffset at, string detail, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = at });
        command.Parameters.Add(new() { Value = detail });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static string? CustomerOf(IHasObject? thing) => thing switch
    {
        Subscription s => s.CustomerId,
        Customer c => c.Id,
        Invoice i => i.CustomerId,
        _ => null,
    };
}
