using System.Diagnostics;
using Countersign.Client;
using Countersign.Console.Shell;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Countersign.Console.Hosting;

/// <summary>The last page: something failed that no page expected. The exception handler has logged it.</summary>
internal static class FailurePage
{
    public static Task Answer(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (failure is CountersignProblemException { Problem.Status: StatusCodes.Status401Unauthorized })
        {
            context.Response.Redirect("/sign-in?ended=1");
            return Task.CompletedTask;
        }

        var known = failure is null ? null : PageFailure.Of(failure);
        var status = known?.Status ?? (failure as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;
        return Pages.Show<ProblemPage>(
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                [nameof(ProblemPage.Detail)] = known?.Detail,
                [nameof(ProblemPage.Trace)] = known?.TraceId ?? Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier,
            },
            status, bare: true).ExecuteAsync(context);
    }
}
