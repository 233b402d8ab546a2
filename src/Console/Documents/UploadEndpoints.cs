using System.Net;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Documents;

/// <summary>Takes files by plain HTTP and starts the invoice process with each.</summary>
internal static class UploadEndpoints
{
    private const long LargestFile = 25L * 1024 * 1024;
    // The script sends one file at a time; a form without script may carry several.
    private const long LargestRequest = 105L * 1024 * 1024;
    private const int MostFiles = 50;
    private const string Process = "invoice";

    public static void Map(RouteGroupBuilder forms) => forms.MapPost("/documents", Upload).WithMetadata(new RequestSizeLimitAttribute(LargestRequest));

    private static async Task<IResult> Upload(HttpContext http, Acts acts)
    {
        var script = http.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal);
        IFormCollection form;
        try
        {
            form = await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException)
        {
            return Refused(script, acts.T["The files are too large together. Send one of at most 25 MB at a time."], StatusCodes.Status413PayloadTooLarge);
        }

        if (form.Files.Count is 0 or > MostFiles)
            return Refused(script, acts.T["Choose between 1 and {0} files.", MostFiles], StatusCodes.Status400BadRequest);
        if (form.Files.FirstOrDefault(f => f.Length is 0 or > LargestFile) is { } odd)
            return Refused(script, acts.T["“{0}” is empty or larger than 25 MB. Nothing was uploaded.", odd.FileName], StatusCodes.Status422UnprocessableEntity);
        var started = new List<Guid>();
        try
        {
            var once = Acts.Once(form).IdempotencyKey;
            for (var i = 0; i < form.Files.Count; i++)
                started.Add(await Start(acts, form.Files[i], once is null ? null : $"{once}-{i}", http.RequestAborted));
        }
        catch (CountersignProblemException e) when (e.Status == HttpStatusCode.Unauthorized)
        {
            return script ? TypedResults.Unauthorized() : TypedResults.LocalRedirect("/sign-in?ended=1&return=%2Fdocuments");
        }
        catch (CountersignProblemException e)
        {
            var before = started.Count == 0 ? "" : " " + acts.T["{0} file(s) before it were started.", started.Count];
            return Refused(script, acts.Sentence(e) + before, e.Problem.Status);
        }

        if (script)
            return TypedResults.Json(new { instances = started.Select(id => $"/instances/{id}") });
        return await acts.Do("/documents", () => Task.FromResult<(string, string?)>(started.Count == 1
            ? ($"/instances/{started[0]}", acts.T["Received. The process has started."])
            : ("/instances", acts.T["{0} files received; each has its own run.", started.Count])));
    }

    private static async Task<Guid> Start(Acts acts, IFormFile file, string? once, CancellationToken ct)
    {
        var client = acts.Context.Client;
        var bytes = new byte[file.Length];
        await using (var stream = file.OpenReadStream())
            await stream.ReadExactlyAsync(bytes, ct);
        var name = Path.GetFileName(file.FileName.Replace('\\', '/'));
        var document = await client.Documents.UploadAsync(name.Length == 0 ? "document" : name[..Math.Min(name.Length, 255)], MediaType(file, name), bytes,
            new CallOptions(once is null ? null : once + "-doc"), ct);
        var value = new Dictionary<string, object> { ["id"] = document.Id, ["name"] = document.Name, ["mediaType"] = document.MediaType, ["sha256"] = document.Sha256 };
        var instance = await client.Instances.StartAsync(
            new StartInstanceRequest(Process, new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["document"] = JsonSerializer.SerializeToElement(value, ClientJson.Options) }),
            wait: null, new CallOptions(once is null ? null : once + "-run"), ct);
        return instance.Id;
    }

    // The service looks at the content itself; this is only what the browser believes.
    private static string MediaType(IFormFile file, string name) => Path.GetExtension(name).ToUpperInvariant() switch
    {
        ".PDF" => "application/pdf",
        ".XML" => "application/xml",
        ".PNG" => "image/png",
        ".JPG" or ".JPEG" => "image/jpeg",
        _ => System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(file.ContentType, out var type) ? type.MediaType! : "application/octet-stream",
    };

    private static IResult Refused(bool script, string sentence, int status) => script
        ? TypedResults.Json(new { error = sentence }, statusCode: status)
        : Pages.Show<UploadPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(UploadPage.Error)] = sentence }, status);
}
