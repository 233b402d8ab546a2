using Countersign.Client;
using Countersign.Client.Exports;
using Countersign.Console.Hosting;
using Countersign.Console.Texts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Trail;

internal static class ExportEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/exports", Create);
        forms.MapGet("/exports/{id:guid}/state", State);
    }

    private static async Task<IResult> Create(HttpContext http, Acts acts, Clock clock)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do("/trail", async () =>
        {
            clock.Use((await acts.Context.Tenant(http.RequestAborted))?.TimeZone);
            var (from, to) = (clock.Midnight(form["from"]), clock.Midnight(form["to"]));
            if (from is null || to is null || from > to)
                throw Mistake(acts.T["Give two days, the first not after the second."]);
            var before = to.Value.AddDays(1);
            await acts.Context.Client.Exports.CreateAsync(new CreateExportRequest(from.Value, before < clock.Now ? before : clock.Now, form["purpose"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return ("/trail", acts.T["The export is being made. It appears here when it is ready."]);
        });
    }

    private static async Task<IResult> State(Guid id, HttpContext http, ConsoleContext context)
    {
        try
        {
            var export = await context.Client.Exports.GetAsync(id, http.RequestAborted);
            return TypedResults.Json(new { done = export.Status is not (ExportStatus.Queued or ExportStatus.Running), progress = export.Progress, sentence = export.Sentence });
        }
        catch (CountersignProblemException e)
        {
            return TypedResults.StatusCode(e.Problem.Status);
        }
    }

    private static CountersignProblemException Mistake(string sentence) => new(new Problem(null, null, StatusCodes.Status400BadRequest, sentence, null));
}
