using System.Text;
using Countersign.Api.Http;
using Countersign.Billing.Payments;
using Microsoft.AspNetCore.Http.Features;

namespace Countersign.Api.Plans;

/// <summary>Where Stripe calls. The signature of the raw body is the credential; what is taken is stored before it is answered, and handled later.</summary>
internal static class StripeHook
{
    public const string Path = "/hooks/stripe";

    public static void MapStripeHook(this IEndpointRouteBuilder app)
    {
        // Without a secret nothing could be believed, so nothing answers.
        if (app.ServiceProvider.GetRequiredService<StripeOptions>().WebhookSecret is { Length: > 0 })
            app.MapPost(Path, Handle).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Handle(HttpContext http, StripeInbox inbox)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = StripeInbox.LargestBody;
        string body;
        try
        {
            // Bytes that are no UTF-8 were not signed by Stripe.
            using var reader = new StreamReader(http.Request.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
            body = await reader.ReadToEndAsync(http.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            return Problems.OfStatus(e.StatusCode);
        }
        catch (DecoderFallbackException)
        {
            return Problems.Of("request.malformed", "The body is not UTF-8.");
        }

        return await inbox.Take(body, http.Request.Headers["Stripe-Signature"], http.RequestAborted) switch
        {
            Intake.Refused => Problems.Of("request.malformed", "The signature is missing, wrong or too old. Check the endpoint's secret and this machine's clock."),
            _ => Results.Ok(),
        };
    }
}
