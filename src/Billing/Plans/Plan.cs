using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Countersign.Billing.Plans;

/// <summary>A plan, as data.</summary>
/// <param name="Key">Stable key; what events name.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Summary">One or two sentences for people.</param>
/// <param name="CasesPerMonth">Cases that may be completed or open in a calendar month (UTC); null: no limit.</param>
/// <param name="PricePerCase">Price of a completed case; 0 is free.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="StripePrice">Stripe's id of the metered price, or null: the plan is not billed through Stripe.</param>
public sealed record Plan(string Key, string Name, string Summary, int? CasesPerMonth, decimal PricePerCase, string Currency, string? StripePrice = null)
{
    /// <summary>What so many completed cases cost.</summary>
    /// <param name="cases">At least 0.</param>
    public decimal PriceOf(long cases) => PricePerCase * cases;
}

/// <summary>The plans that are offered. The built-in ones can be replaced by a file; a Stripe price is given by a setting.</summary>
public sealed class PlanCatalog
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict) { PropertyNameCaseInsensitive = false, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Makes a catalog.</summary>
    /// <param name="plans">At least one; keys are unique.</param>
    /// <param name="defaultKey">Plan of a tenant that has chosen none.</param>
    /// <param name="grace">How long an overdue payment changes nothing; null: <see cref="UsualGrace"/>.</param>
    /// <exception cref="InvalidDataException">No plan, a key twice, a negative number, or no plan of the default key.</exception>
    public PlanCatalog(IEnumerable<Plan> plans, string defaultKey, TimeSpan? grace = null)
    {
        Grace = grace ?? UsualGrace;
        All = [.. plans];
        if (All.Select(p => p.Key).Distinct(StringComparer.Ordinal).Count() != All.Length)
            throw new InvalidDataException("Two plans have the same key. Give each plan a key of its own.");
        if (All.FirstOrDefault(p => p.PricePerCase < 0 || p.CasesPerMonth < 0) is { } odd)
            throw new InvalidDataException($"Plan '{odd.Key}' has a negative price or limit. Use 0 or more, and null for no limit.");
        Default = All.FirstOrDefault(p => p.Key == defaultKey)
            ?? throw new InvalidDataException($"There is no plan '{defaultKey}', which Countersign:Billing:DefaultPlan names. Offered are: {string.Join(", ", All.Select(p => p.Key))}.");
    }

    /// <summary>The plans, in the order they are shown.</summary>
    public ImmutableArray<Plan> All { get; }

    /// <summary>Plan of a tenant that has chosen none.</summary>
    public Plan Default { get; }

    /// <summary>14 days: about as long as Stripe's retries of a card go on (two weeks by default, docs.stripe.com, Smart Retries, read 2026-11).</summary>
    public static TimeSpan UsualGrace { get; } = TimeSpan.FromDays(14);

    /// <summary>How long an overdue payment changes nothing, from when it was learned.</summary>
    public TimeSpan Grace { get; }

    /// <summary>Cases a month that go without payment: the default plan's limit, or none at all where the default plan has a price; null: no limit.</summary>
    public int? UnpaidCasesPerMonth => Default.StripePrice is null ? Default.CasesPerMonth : 0;

    /// <summary>The plan of this key; a key that is no longer offered gives the default.</summary>
    public Plan Of(string? key) => All.FirstOrDefault(p => p.Key == key) ?? Default;

    /// <summary>Reads the catalog from settings: <c>Countersign:Billing:Plans</c> (a file), <c>DefaultPlan</c> (default <c>free</c>), <c>GraceDays</c> (0 to 365,
    /// default 14), <c>StripePrices:&lt;plan&gt;</c>.</summary>
    /// <exception cref="InvalidDataException">The file does not say what plans say, or the days of grace are no such number.</exception>
    public static PlanCatalog From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("Countersign:Billing");
        using var text = section["Plans"] is { Length: > 0 } file ? File.OpenRead(file) : typeof(PlanCatalog).Assembly.GetManifestResourceStream("plans.json")!;
        try
        {
            var plans = JsonSerializer.Deserialize<Plan[]>(text, Json) ?? [];
            return new PlanCatalog(plans.Select(p => section[$"StripePrices:{p.Key}"] is { Length: > 0 } price ? p with { StripePrice = price } : p), section["DefaultPlan"] ?? "free", GraceOf(section["GraceDays"]));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The plans of Countersign:Billing:Plans cannot be read: {e.Message} Compare the file with docs/reference/plans.md.", e);
        }
    }

    private static TimeSpan GraceOf(string? days) => string.IsNullOrEmpty(days) ? UsualGrace
        : int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 365 ? TimeSpan.FromDays(number)
        : throw new InvalidDataException("Countersign:Billing:GraceDays must be a whole number of days from 0 to 365.");
}
