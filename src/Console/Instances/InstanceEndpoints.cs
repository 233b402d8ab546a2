using Countersign.Client;
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
        forms.MapPost("/instances/{id:guid}/suspend", Suspend);
        forms.MapPost("/instances/{id:guid}/resume", Resume);
        forms.MapPost("/instances/{id:guid}/move", Move);
        forms.MapPost("/incidents/{id}/retry", Retry);
        forms.MapPost("/incidents/{id}/skip", Skip);
        forms.MapPost("/incidents/{id}/reroute", Reroute);
    }

    private static async Task<IResult> Suspend(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/instances/{id}", async () =>
        {
            await acts.Context.Client.Instances.SuspendAsync(id, new SuspendInstanceRequest(Reason(form)), Acts.Once(form), http.RequestAborted);
            return ($"/instances/{id}", acts.T["Suspended until somebody lets it go on."]);
        });
    }

    private static async Task<IResult> Resume(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/instances/{id}", async () =>
        {
            await acts.Context.Client.Instances.ResumeAsync(id, new ResumeInstanceRequest(Reason(form)), Acts.Once(form), http.RequestAborted);
            return ($"/instances/{id}", acts.T["It goes on."]);
        });
    }

    private static async Task<IResult> Move(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/instances/{id}", async () =>
        {
            // What the person saw: when it has moved on by itself, nothing is moved.
            var once = Acts.Once(form);
            var seen = long.TryParse(form["version"], System.Globalization.CultureInfo.InvariantCulture, out var version) ? new CallOptions(once?.IdempotencyKey, version) : once;
            await acts.Context.Client.Instances.ModifyAsync(id, new ModifyInstanceRequest(Reason(form), Move: [new TokenMove(form["from"].ToString(), form["to"].ToString())]), seen, http.RequestAborted);
            return ($"/instances/{id}", acts.T["Moved. Who did it and why is in its history."]);
        });
    }

    private static async Task<IResult> Skip(string id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var back = LocalPath.Safe(form["return"]) ?? "/incidents";
        return await acts.Do(back, async () =>
        {
            var result = await acts.Context.Client.Incidents.SkipAsync(id, new SkipIncidentRequest(Reason(form)), Acts.Once(form), http.RequestAborted);
            return (back, result.Applied ? acts.T["Skipped; it goes on behind that step."] : acts.T["It was over already; nothing had to be done."]);
        });
    }

    private static async Task<IResult> Reroute(string id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var back = LocalPath.Safe(form["return"]) ?? "/incidents";
        return await acts.Do(back, async () =>
        {
            var result = await acts.Context.Client.Incidents.RerouteAsync(id, new RerouteIncidentRequest(form["to"].ToString(), Reason(form)), Acts.Once(form), http.RequestAborted);
            return (back, result.Applied ? acts.T["It goes on there."] : acts.T["It was over already; nothing had to be done."]);
        });
    }

    private static string Reason(IFormCollection form) => form["reason"].ToString().Trim();

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
