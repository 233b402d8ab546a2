using System.Globalization;
using Countersign.Client;
using Countersign.Client.Webhooks;
using Countersign.Console.Hosting;
using Countersign.Console.Texts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Webhooks;

internal static class WebhookEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/webhooks", Create);
        forms.MapPost("/webhooks/{id:guid}/enable", Enable);
        forms.MapPost("/webhooks/{id:guid}/rotate", Rotate);
        forms.MapPost("/webhooks/{id:guid}/delete", Delete);
        forms.MapPost("/webhooks/{id:guid}/replay", ReplayPeriod);
        forms.MapPost("/deliveries/{id:guid}/replay", Replay);
    }

    private static async Task<IResult> Create(HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var types = form["types"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var description = form["description"].ToString().Trim();
        return await acts.Show("/webhooks", async () => Shown(await acts.Context.Client.Webhooks.CreateAsync(
            new CreateWebhookEndpointRequest(form["url"].ToString().Trim(), types, description.Length == 0 ? null : description), Acts.Once(form), http.RequestAborted)));
    }

    private static async Task<IResult> Rotate(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Show("/webhooks", async () => Shown(await acts.Context.Client.Webhooks.RotateSecretAsync(id, Acts.Once(form), http.RequestAborted)));
    }

    private static async Task<IResult> Enable(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do("/webhooks", async () =>
        {
            await acts.Context.Client.Webhooks.EnableAsync(id, Acts.Once(form), http.RequestAborted);
            return ("/webhooks", acts.T["It is on again."]);
        });
    }

    private static async Task<IResult> Delete(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do("/webhooks", async () =>
        {
            await acts.Context.Client.Webhooks.DeleteAsync(id, long.TryParse(form["version"], CultureInfo.InvariantCulture, out var version) ? version : 0, http.RequestAborted);
            return ("/webhooks", acts.T["Deleted. What was sent stays in the trail."]);
        });
    }

    private static async Task<IResult> Replay(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var back = LocalPath.Safe(form["return"]) ?? "/webhooks";
        return await acts.Do(back, async () =>
        {
            await acts.Context.Client.Webhooks.ReplayAsync(id, Acts.Once(form), http.RequestAborted);
            return (back, acts.T["Queued with the same message id: a receiver that knows it takes it once."]);
        });
    }

    private static async Task<IResult> ReplayPeriod(Guid id, HttpContext http, Acts acts, Clock clock)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var back = $"/webhooks/{id}";
        return await acts.Do(back, async () =>
        {
            clock.Use((await acts.Context.Tenant(http.RequestAborted))?.TimeZone);
            var (from, to) = (clock.Midnight(form["from"]), clock.Midnight(form["to"]));
            if (from is null || to is null || from > to)
                throw new CountersignProblemException(new Problem(null, null, StatusCodes.Status400BadRequest, acts.T["Give two days, the first not after the second."], null));
            var request = new ReplayDeliveriesRequest(from.Value, to.Value.AddDays(1), OnlyFailed: form["all"] != "yes");
            var result = await acts.Context.Client.Webhooks.ReplayRangeAsync(id, request, Acts.Once(form), http.RequestAborted);
            return (back, acts.T["{0} queued again, each with its own message id.", result.Queued]);
        });
    }

    private static IResult Shown(WebhookEndpointCreated created) =>
        Pages.Show<WebhooksPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(WebhooksPage.Created)] = created });
}
