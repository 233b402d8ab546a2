using Countersign.Client;
using Countersign.Client.Processes;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Processes;

internal static class ProcessEndpoints
{
    private const long LargestFile = 5 * 1024 * 1024;
    private const long LargestRequest = 26 * 1024 * 1024;

    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/processes", Publish).WithMetadata(new RequestSizeLimitAttribute(LargestRequest));
        forms.MapGet("/processes/{key}/{version:int}/bpmn", Bpmn);
        RolloutEndpoints.Map(forms);
        forms.MapPost("/reference-tables", PublishTable).WithMetadata(new RequestSizeLimitAttribute(LargestRequest));
    }

    private static async Task<IResult> Publish(HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (form.Files["bpmn"] is not { Length: > 0 and <= LargestFile } bpmn || form.Files.Any(f => f.Length > LargestFile))
            return Refused(acts.T["Choose a BPMN file of at most 5 MB."], [], StatusCodes.Status422UnprocessableEntity);
        try
        {
            var resources = new List<ProcessResource>();
            foreach (var file in form.Files.GetFiles("resources").Where(f => f.Length > 0))
                resources.Add(new ProcessResource(Path.GetFileName(file.FileName), await Read(file, http.RequestAborted)));
            var version = await acts.Context.Client.Processes.PublishAsync(new PublishProcessRequest(await Read(bpmn, http.RequestAborted), resources, RolloutEndpoints.Asked(form, acts)), Acts.Once(form), http.RequestAborted);
            return await acts.Do("/processes", () => Task.FromResult<(string, string?)>(($"/processes/{Uri.EscapeDataString(version.Key)}/{version.Version}",
                version.State == ProcessVersionState.Candidate ? acts.T["Published. It is being rolled out; look here how it fares."] : acts.T["Published. New cases run this version."])));
        }
        catch (CountersignProblemException e) when (e.Problem.Status is not StatusCodes.Status401Unauthorized)
        {
            return Refused(e.Problem.Detail ?? acts.Sentence(e), e.Problem.Errors ?? [], e.Problem.Status);
        }
    }

    private static async Task<IResult> Bpmn(string key, int version, HttpContext http, ConsoleContext context)
    {
        try
        {
            var sources = await context.Client.Processes.GetSourcesAsync(key, version, http.RequestAborted);
            http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
            http.Response.Headers.ContentDisposition = "attachment";
            return TypedResults.Text(sources.Bpmn, "application/octet-stream");
        }
        catch (CountersignProblemException e)
        {
            return TypedResults.StatusCode(e.Problem.Status);
        }
    }

    private static async Task<IResult> PublishTable(HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var name = form["name"].ToString().Trim();
        return await acts.Do("/reference-tables", async () =>
        {
            if (form.Files["csv"] is not { Length: > 0 and <= 25 * 1024 * 1024 } csv)
                throw new CountersignProblemException(new Problem(null, null, StatusCodes.Status400BadRequest, acts.T["Choose a CSV file of at most 25 MB."], null));
            var table = await acts.Context.Client.ReferenceTables.PublishCsvAsync(name, await Read(csv, http.RequestAborted), Acts.Once(form), http.RequestAborted);
            return ($"/reference-tables/{Uri.EscapeDataString(table.Name)}", acts.T["Version {0} with {1} rows is in force.", table.Version, table.RowCount]);
        });
    }

    private static async Task<string> Read(IFormFile file, CancellationToken ct)
    {
        using var reader = new StreamReader(file.OpenReadStream());
        return await reader.ReadToEndAsync(ct);
    }

    private static IResult Refused(string sentence, IReadOnlyList<ProblemError> findings, int status) =>
        Pages.Show<ProcessesPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(ProcessesPage.Error)] = sentence, [nameof(ProcessesPage.Findings)] = findings }, status);
}
