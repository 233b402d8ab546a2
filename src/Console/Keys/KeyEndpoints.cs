using Countersign.Client.Keys;
using Countersign.Console.Hosting;
using Countersign.Console.Texts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Keys;

internal static class KeyEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/keys", Create);
        forms.MapPost("/keys/{id:guid}/rotate", Rotate);
        forms.MapPost("/keys/{id:guid}/revoke", Revoke);
    }

    private static async Task<IResult> Create(HttpContext http, Acts acts, Clock clock)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var roles = form["role"].Where(r => !string.IsNullOrEmpty(r)).Select(r => r!).ToList();
        return await acts.Show("/keys", async () => Shown(await acts.Context.Client.Keys.CreateAsync(
            new CreateKeyRequest(form["name"].ToString().Trim(), roles, clock.Midnight(form["ends"])), Acts.Once(form), http.RequestAborted)));
    }

    private static async Task<IResult> Rotate(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Show("/keys", async () => Shown(await acts.Context.Client.Keys.RotateAsync(id, new RotateKeyRequest(), Acts.Once(form), http.RequestAborted)));
    }

    private static async Task<IResult> Revoke(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do("/keys", async () =>
        {
            await acts.Context.Client.Keys.RevokeAsync(id, Acts.Once(form), http.RequestAborted);
            return ("/keys", acts.T["Revoked. It is refused everywhere within ten seconds."]);
        });
    }

    private static IResult Shown(KeyCreated created) =>
        Pages.Show<KeysPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(KeysPage.Created)] = created });
}
