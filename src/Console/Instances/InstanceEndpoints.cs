using System.Text.Json;
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
        forms.MapPost("/instances/{id:guid}/raise", Raise);
        forms.MapPost("/instances/{id:guid}/continue", Continue);
        forms.MapPost("/instances/{id:guid}/move", Move);
        forms.MapPost("/instances/{id:guid}/variables", Set);
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

    private static async Task<IResult> Raise(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/instances/{id}", async () =>
        {
            _ = int.TryParse(form["limit"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var limit);
            await acts.Context.Client.Instances.RaiseLimitAsync(id, new RaiseInstanceLimitRequest(limit, Reason(form)), Acts.Once(form), http.RequestAborted);
            return ($"/instances/{id}", acts.T["The limit is raised. If it has stopped with an incident, try that again now."]);
        });
    }

    private static async Task<IResult> Continue(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/instances/{id}", async () =>
        {
            var ended = await acts.Context.Client.Instances.ContinueAsync(id, new ContinueInstanceRequest(Reason(form)), Acts.Once(form), http.RequestAborted);
            return ($"/instances/{ended.SuccessorId ?? id}", acts.T["It goes on here. What happened before stands in its predecessor."]);
        });
    }

    private static async Task<IResult> Move(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/instances/{id}", async () =>
        {
            // When it has moved on by itself, nothing is moved.
            await acts.Context.Client.Instances.ModifyAsync(id, new ModifyInstanceRequest(Reason(form), Move: [new TokenMove(form["from"].ToString(), form["to"].ToString())]), AsSeen(form), http.RequestAborted);
            return ($"/instances/{id}", acts.T["Moved. Who did it and why is in its history."]);
        });
    }

    private static async Task<IResult> Set(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/instances/{id}", async () =>
        {
            var value = TypedValue.Of(form["kind"].ToString(), form["value"].ToString())
                ?? throw new CountersignProblemException(new Problem(null, null, StatusCodes.Status400BadRequest, acts.T["Nothing was set: the value is not of the kind chosen. Correct it, or choose another kind."], null));
            var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { [form["name"].ToString().Trim()] = value };
            // When it has moved on by itself, the value may be another one than the person saw.
            await acts.Context.Client.Instances.SetVariablesAsync(id, new SetVariablesRequest(variables, Reason(form)), AsSeen(form), http.RequestAborted);
            return ($"/instances/{id}", acts.T["Set. Who did it and why is in its history."]);
        });
    }

    private static CallOptions AsSeen(IFormCollection form) =>
        new(Acts.Once(form).IdempotencyKey, long.TryParse(form["version"], System.Globalization.CultureInfo.InvariantCulture, out var version) ? version : null);

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
