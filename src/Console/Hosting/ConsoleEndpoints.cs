using Countersign.Console.Batches;
using Countersign.Console.Documents;
using Countersign.Console.Instances;
using Countersign.Console.Keys;
using Countersign.Console.Policies;
using Countersign.Console.Processes;
using Countersign.Console.Shell;
using Countersign.Console.SignIn;
using Countersign.Console.Tasks;
using Countersign.Console.Trail;
using Countersign.Console.Usage;
using Countersign.Console.Webhooks;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Hosting;

/// <summary>What forms are sent to, and files.</summary>
internal static class ConsoleEndpoints
{
    // Paths below these belong to the API and its provider: an unknown one is theirs to answer.
    private static readonly string[] Foreign = ["/v1", "/connect", "/openapi", "/docs", "/.well-known", "/health", "/metrics", "/assets", "/files"];

    public static void Map(RouteGroupBuilder forms)
    {
        forms.WithMetadata(new RequireAntiforgeryTokenAttribute());
        // A page's own endpoint takes posts, too: ours comes first.
        forms.WithOrder(-1);
        forms.AddEndpointFilter(async (invocation, next) =>
        {
            // Without this filter a forged form would still reach the handler: the middleware only notes that the token is missing.
            if (invocation.HttpContext.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false })
                return TooOld();
            return await next(invocation);
        });
        SignInEndpoints.Map(forms);
        TaskEndpoints.Map(forms);
        UploadEndpoints.Map(forms);
        InstanceEndpoints.Map(forms);
        BatchEndpoints.Map(forms);
        ExportEndpoints.Map(forms);
        WebhookEndpoints.Map(forms);
        KeyEndpoints.Map(forms);
        UsageEndpoints.Map(forms);
        ProcessEndpoints.Map(forms);
        PolicyEndpoints.Map(forms);
        FileEndpoints.Map(forms);
    }

    /// <summary>What is nowhere: a page of ours, except below the API's paths.</summary>
    public static void MapNowhere(IEndpointRouteBuilder app) =>
        app.MapFallback("/{*path}", NotFound).WithMetadata(ConsoleEndpoint.Instance).AllowAnonymous().ExcludeFromDescription();

    private static IResult TooOld() =>
        Pages.Show<ProblemPage>(
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                [nameof(ProblemPage.Title)] = "This form is too old",
                [nameof(ProblemPage.Detail)] = "It was opened before you signed in or on another tab. Nothing was changed: go back, load the page again and send it once more.",
            },
            StatusCodes.Status400BadRequest, bare: true);

    private static IResult NotFound(HttpContext context) =>
        Array.Exists(Foreign, f => context.Request.Path.StartsWithSegments(f, StringComparison.Ordinal))
            ? TypedResults.NotFound()
            : Pages.Show<NotFoundPage>(null, StatusCodes.Status404NotFound, bare: true);
}
