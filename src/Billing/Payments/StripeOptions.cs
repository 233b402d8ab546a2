using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Countersign.Billing.Payments;

/// <summary>Settings of Stripe, <c>Countersign:Stripe</c>.</summary>
public sealed record StripeOptions
{
    /// <summary>Secret or restricted key (<c>sk_…</c>, <c>rk_…</c>). Unset: nothing is told to Stripe; usage is counted and shown all the same.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Secret of the webhook endpoint (<c>whsec_…</c>). Unset: <c>/hooks/stripe</c> answers 404.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>Base address of Stripe's API. Default: Stripe's own.</summary>
    public Uri? ApiBase { get; init; }

    /// <summary>Name of the meter's event. Default <c>countersign_case</c>.</summary>
    public string MeterEvent { get; init; } = "countersign_case";

    /// <summary>How far a webhook's timestamp may be from now. Default 300 s, as Stripe's libraries have it.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Pause between looks at what is due. Default 5 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a handled event is kept, so that a copy of it is known. Default 90 days; at least 31, for Stripe lets a person send an event again for 30 days.
    /// </summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Whether anything is told to Stripe.</summary>
    public bool IsOn => ApiKey is { Length: > 0 };

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidDataException">The base address is no absolute address, or a number is out of its range.</exception>
    public static StripeOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("Countersign:Stripe");
        return new StripeOptions
        {
            ApiKey = section["ApiKey"],
            WebhookSecret = section["WebhookSecret"],
            ApiBase = section["ApiBase"] is not { Length: > 0 } address ? null
                : Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : throw new InvalidDataException("Countersign:Stripe:ApiBase must be an absolute address, such as https://api.stripe.com."),
            MeterEvent = section["MeterEvent"] is { Length: > 0 } meter ? meter : "countersign_case",
            Keep = Days(section["KeepDays"]),
        };
    }

    private static TimeSpan Days(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return TimeSpan.FromDays(90);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 31 and <= 3650 ? TimeSpan.FromDays(days)
            : throw new InvalidDataException($"Countersign:Stripe:KeepDays is '{text}': use a whole number from 31 to 3650.");
    }
}
