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

    /// <summary>Whether anything is told to Stripe.</summary>
    public bool IsOn => ApiKey is { Length: > 0 };

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidDataException">The base address is no absolute address.</exception>
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
        };
    }
}
