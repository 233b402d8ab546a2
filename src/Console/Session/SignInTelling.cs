using Countersign.Client;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Countersign.Console.Session;

/// <summary>
/// Tells the API who signs in and out, with the person's own token. The API also says whether the person may come in at all, so that a refusal is a sentence before
/// there is a session and not a page of errors after it.
/// </summary>
internal sealed partial class SignInTelling(ConsoleContext context, CurrentSession current, IOptions<ConsoleOptions> options, ILogger<SignInTelling> logger)
{
    // What the sign-in page has a sentence for.
    private static readonly string[] Known = ["directory.unknown", "directory.closed", "member.unknown", "credential.insufficient"];

    /// <summary>After the last check, the nonce, and before there is a session: a sign-in that cannot be recorded is none.</summary>
    public static async Task SignedIn(TicketReceivedContext received)
    {
        var token = received.Properties?.GetTokenValue("access_token") ?? throw new InvalidOperationException("The authority answered without an access token: add the scope of the API to Console:Scopes.");
        var http = received.HttpContext.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient(ConsoleContext.HttpClientName);
        try
        {
            await new CountersignClient(http, new FixedToken(token), new CountersignClientOptions { Retries = 2 }).Tenant.SignInAsync(cancellationToken: received.HttpContext.RequestAborted);
        }
        catch (CountersignProblemException refused) when (refused.Problem.Status is 401 or 403)
        {
            LogRefused(received.HttpContext.RequestServices.GetRequiredService<ILogger<SignInTelling>>(), refused.Code, refused.Problem.Detail);
            received.HandleResponse();
            received.Response.Redirect("/sign-in?failed=" + (Known.Contains(refused.Code) ? refused.Code : "denied"));
        }
        catch (Exception e) when (e is CountersignProblemException or HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            // The callback is no page: without an answer here the person would look at an empty one.
            LogUnreachable(received.HttpContext.RequestServices.GetRequiredService<ILogger<SignInTelling>>(), e);
            received.HandleResponse();
            received.Response.Redirect("/sign-in?failed=later");
        }
    }

    /// <summary>Whoever signs out is signed out, also when it cannot be recorded.</summary>
    public async Task SignsOut(string id, ConsoleSession session, CancellationToken cancellation)
    {
        if (!options.Value.TellsSignIns)
            return;
        current.Set(id, session);
        try
        {
            await context.Client.Tenant.SignOutAsync(cancellationToken: cancellation);
        }
        catch (Exception e) when (e is CountersignProblemException or HttpRequestException)
        {
            LogNotTold(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in was refused by the API ({Code}): {Detail}")]
    private static partial void LogRefused(ILogger logger, string code, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "A sign-in was given up because the API could not be asked. Look whether Console:ApiAddress is reached from this node.")]
    private static partial void LogUnreachable(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-out could not be recorded in the trail.")]
    private static partial void LogNotTold(ILogger logger, Exception error);
}
