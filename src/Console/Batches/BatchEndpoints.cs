using System.Globalization;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Batches;

internal static class BatchEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/batches", Create);
        forms.MapPost("/batches/{id:guid}/cancel", Cancel);
        forms.MapGet("/batches/{id:guid}/state", State);
    }

    private static async Task<IResult> Create(HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do("/batches", async () =>
        {
            var kind = Enum.GetValues<BatchKind>().Cast<BatchKind?>().FirstOrDefault(k => ClientJson.NameOf(k!.Value) == form["kind"].ToString())
                ?? throw new CountersignProblemException(new Problem(null, null, StatusCodes.Status400BadRequest, acts.T["Choose what is done to each."], null));
            var selection = new BatchSelection(Text(form, "process"), Number(form, "version"), IncidentCode: Text(form, "incident"));
            var request = new CreateBatchRequest(kind, selection, form["reason"].ToString().Trim(), form["dry"] == "yes", kind == BatchKind.Migrate ? Number(form, "target") : null);
            var batch = await acts.Context.Client.Batches.CreateAsync(request, Acts.Once(form), http.RequestAborted);
            return ($"/batches/{batch.Id}", acts.T["Asked for. This page shows how far it is."]);
        });
    }

    private static async Task<IResult> Cancel(Guid id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/batches/{id}", async () =>
        {
            await acts.Context.Client.Batches.CancelAsync(id, new CancelBatchRequest(form["reason"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return ($"/batches/{id}", acts.T["It ends as soon as what is under way is finished."]);
        });
    }

    private static async Task<IResult> State(Guid id, HttpContext http, ConsoleContext context)
    {
        try
        {
            var batch = await context.Client.Batches.GetAsync(id, http.RequestAborted);
            return TypedResults.Json(new { done = batch.EndedAt is not null, progress = batch.Progress, sentence = batch.Sentence });
        }
        catch (CountersignProblemException e)
        {
            return TypedResults.StatusCode(e.Problem.Status);
        }
    }

    private static string? Text(IFormCollection form, string name) => form[name].ToString().Trim() is { Length: > 0 } text ? text : null;

    private static int? Number(IFormCollection form, string name) => int.TryParse(form[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
