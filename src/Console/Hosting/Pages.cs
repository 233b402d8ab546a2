using Countersign.Console.Shell;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Countersign.Console.Hosting;

/// <summary>Answers a request with a page outside the router: after a form that could not be carried out, or where nothing is.</summary>
internal static class Pages
{
    public static RazorComponentResult<PageHost> Show<TPage>(Dictionary<string, object?>? parameters = null, int status = StatusCodes.Status200OK, bool bare = false) =>
        new(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(PageHost.Page)] = typeof(TPage),
            [nameof(PageHost.Parameters)] = parameters ?? [],
            [nameof(PageHost.Bare)] = bare,
        })
        {
            StatusCode = status,
            PreventStreamingRendering = true,
        };
}
