using System.Net;
using Countersign.Client;
using Countersign.Console.Hosting;
using Countersign.Console.Texts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Countersign.Console.Shell;

/// <summary>A page that reads from the API. What the API refuses becomes a page that says what to do next, never an exception.</summary>
public abstract class ConsolePage : ComponentBase
{
    private bool loaded;

    /// <summary>Why the page cannot be shown, or null.</summary>
    protected internal PageFailure? Failure { get; private set; }

    /// <summary>The request, where there is one.</summary>
    [CascadingParameter]
    public HttpContext? Http { get; set; }

    [Inject]
    internal ConsoleContext Context { get; set; } = null!;

    [Inject]
    internal Text T { get; set; } = null!;

    [Inject]
    internal Clock Clock { get; set; } = null!;

    [Inject]
    internal NavigationManager Navigation { get; set; } = null!;

    /// <summary>Ends the reads when the browser goes away.</summary>
    protected CancellationToken Ends => Http?.RequestAborted ?? CancellationToken.None;

    /// <summary>Reads before the first rendering: a page is never drawn without its data.</summary>
    public sealed override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        if (!loaded)
        {
            loaded = true;
            await Read();
        }

        await base.SetParametersAsync(ParameterView.Empty);
    }

    private async Task Read()
    {
        try
        {
            await Load();
        }
        catch (CountersignProblemException e) when (e.Status == HttpStatusCode.Unauthorized)
        {
            var back = Http is null ? "/" : Http.Request.Path + Http.Request.QueryString;
            Navigation.NavigateTo("/sign-in?ended=1&return=" + Uri.EscapeDataString(back));
        }
        catch (Exception e) when (PageFailure.Of(e) is { } failure)
        {
            Failure = failure;
            Answer(failure.Status);
        }
    }

    // Set while the answer starts: a 404 set earlier makes the renderer throw the page away.
    private void Answer(int status)
    {
        if (Http is not { Response.HasStarted: false } http)
            return;
        http.Response.OnStarting(() =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task Load();
}

/// <summary>Why a page cannot be shown.</summary>
/// <param name="Status">Status to answer with.</param>
/// <param name="Code">The API's problem code, or empty.</param>
/// <param name="Detail">What the API said, or null.</param>
/// <param name="TraceId">To quote to support, or null.</param>
public sealed record PageFailure(int Status, string Code, string? Detail, string? TraceId)
{
    /// <summary>The failure behind an exception of a read, or null when the exception is a defect.</summary>
    public static PageFailure? Of(Exception exception) => exception switch
    {
        CountersignProblemException p => new PageFailure(p.Problem.Status, p.Code, p.Problem.Detail, p.Problem.TraceId),
        HttpRequestException => new PageFailure(StatusCodes.Status502BadGateway, "", null, null),
        TaskCanceledException { InnerException: TimeoutException } => new PageFailure(StatusCodes.Status504GatewayTimeout, "", null, null),
        _ => null,
    };
}
