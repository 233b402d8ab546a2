using System.Globalization;
using Countersign.Client;
using Countersign.Client.Policies;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Policies;

internal static class PolicyEndpoints
{
    private const long LargestFile = 1024 * 1024;
    private const long LargestRequest = 3 * LargestFile;

    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/policies", New).WithMetadata(new RequestSizeLimitAttribute(LargestRequest));
        forms.MapPost("/policies/{key}/draft", Draft).WithMetadata(new RequestSizeLimitAttribute(LargestRequest));
        forms.MapPost("/policies/{key}/{version:int}/approve", Approve);
        forms.MapPost("/policies/{key}/{version:int}/reject", Reject);
        forms.MapPost("/policies/{key}/kill-switch", Kill);
    }

    private static async Task<IResult> New(HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var key = form["key"].ToString().Trim();
        return await acts.Do("/policies", async () =>
        {
            if (key.Length == 0 || form.Files["definition"] is not { Length: > 0 and <= LargestFile } definition || form.Files["gate"] is not { Length: > 0 and <= LargestFile } gate)
                throw new CountersignProblemException(new Problem(null, null, StatusCodes.Status400BadRequest, acts.T["Give a key and two files of at most 1 MB each."], null));
            var request = new DraftPolicyRequest(await Read(definition, http.RequestAborted), await Read(gate, http.RequestAborted), form["note"].ToString().Trim());
            var drafted = await acts.Context.Client.Policies.DraftAsync(key, request, Acts.Once(form), http.RequestAborted);
            return (Page(key, drafted.Version), acts.T["Drafted. Ask a colleague to approve it."]);
        });
    }

    private static async Task<string> Read(IFormFile file, CancellationToken ct)
    {
        using var reader = new StreamReader(file.OpenReadStream());
        return await reader.ReadToEndAsync(ct);
    }

    private static async Task<IResult> Draft(string key, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var from = int.TryParse(form["version"], CultureInfo.InvariantCulture, out var number) ? number : 1;
        var request = new DraftPolicyRequest(form["definition"].ToString(), form["gate"].ToString(), form["note"].ToString().Trim());
        try
        {
            var drafted = await acts.Context.Client.Policies.DraftAsync(key, request, Acts.Once(form), http.RequestAborted);
            return await acts.Do("/policies", () => Task.FromResult<(string, string?)>((Page(key, drafted.Version), acts.T["Drafted. Ask a colleague to approve it."])));
        }
        catch (CountersignProblemException e) when (e.Problem.Status is not StatusCodes.Status401Unauthorized)
        {
            return Again(key, from, request, acts.Sentence(e), e.Problem.Status);
        }
    }

    private static async Task<IResult> Approve(string key, int version, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do(Page(key, version), async () =>
        {
            await acts.Context.Client.Policies.PublishAsync(key, version, new PublishPolicyRequest(form["hash"].ToString()), Acts.Once(form), http.RequestAborted);
            return (Page(key, version), acts.T["In force for new cases."]);
        });
    }

    private static async Task<IResult> Reject(string key, int version, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do(Page(key, version), async () =>
        {
            await acts.Context.Client.Policies.RejectAsync(key, version, new RejectPolicyRequest(form["reason"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return (Page(key, version), acts.T["Turned down. Your reason is kept."]);
        });
    }

    private static async Task<IResult> Kill(string key, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var on = form["on"] == "yes";
        return await acts.Do("/policies", async () =>
        {
            await acts.Context.Client.Policies.SetKillSwitchAsync(key, new PolicyKillSwitchRequest(on, form["reason"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return ("/policies", on ? acts.T["Stopped: every question goes to a person now."] : acts.T["Released: the policy decides again."]);
        });
    }

    private static string Page(string key, int version) => $"/policies/{Uri.EscapeDataString(key)}/{version}";

    private static IResult Again(string key, int version, DraftPolicyRequest typed, string error, int status) =>
        Pages.Show<PolicyPage>(
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                [nameof(PolicyPage.Key)] = key,
                [nameof(PolicyPage.Version)] = version,
                [nameof(PolicyPage.TypedDefinition)] = typed.Document,
                [nameof(PolicyPage.TypedGate)] = typed.Gate,
                [nameof(PolicyPage.TypedNote)] = typed.Note,
                [nameof(PolicyPage.Error)] = error,
            },
            status);
}
