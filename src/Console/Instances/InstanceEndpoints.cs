using Countersign.Client.Incidents;
using Countersign.Client.Instances;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Instances;

internal static class InstanceEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/instances/{id:guid}/cancel", Cancel);
        forms.MapPost("/incidents/{id}/retry", Retry);
    }

    private static async Task<IResult> Cancel(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/instances/{id}", async () =>
        {
            await acts.Context.Client.Instances.CancelAsync(id, new CancelInstanceRequest(form["reason"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return ($"/instances/{id}", acts.T["Cancelled. Its history stays."]);
        });
    }

    private static async Task<IResult> Retry(string id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var back = LocalPath.Safe(form["return"]) ?? "/incidents";
        return await acts.Do(back, async () =>
        {
            var result = await acts.Context.Client.Incidents.RetryAsync(id, new RetryIncidentRequest(form["reason"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return (back, result.Applied ? acts.T["It is tried again."] : acts.T["It was over already; nothing had to be done."]);
        });
    }
}
