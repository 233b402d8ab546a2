using Countersign.Client.Usage;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Usage;

internal static class UsageEndpoints
{
    public static void Map(RouteGroupBuilder forms) => forms.MapPost("/usage/plan", Choose);

    private static async Task<IResult> Choose(HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do("/usage", async () =>
        {
            var plan = await acts.Context.Client.Usage.ChoosePlanAsync(new ChoosePlanRequest(form["plan"].ToString(), form["reason"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return ("/usage", acts.T["The plan '{0}' holds from now on.", plan.Name]);
        });
    }
}
