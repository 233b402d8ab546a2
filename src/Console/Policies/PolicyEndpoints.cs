using System.Globalization;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Policies;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Policies;

internal static class PolicyEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/policies/{key}/draft", Draft);
        forms.MapPost("/policies/{key}/{version:int}/approve", Approve);
    }

    private static async Task<IResult> Draft(string key, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (definition, gate) = (form["definition"].ToString(), form["gate"].ToString());
        var from = int.TryParse(form["version"], CultureInfo.InvariantCulture, out var number) ? number : 1;
        try
        {
            using var json = JsonDocument.Parse(definition);
            var drafted = await acts.Context.Client.Policies.DraftAsync(key, new DraftPolicyRequest(json.RootElement.Clone(), gate), Acts.Once(form), http.RequestAborted);
            return await acts.Do("/policies", () => Task.FromResult<(string, string?)>(($"/policies/{Uri.EscapeDataString(key)}/{drafted.Version}", acts.T["Drafted. Ask a colleague to approve it."])));
        }
        catch (JsonException e)
        {
            return Again(key, from, definition, gate, acts.T["The definition is not JSON: line {0}. Nothing was saved.", (e.LineNumber ?? 0) + 1], StatusCodes.Status422UnprocessableEntity);
        }
        catch (CountersignProblemException e) when (e.Problem.Status is not StatusCodes.Status401Unauthorized)
        {
            return Again(key, from, definition, gate, acts.Sentence(e), e.Problem.Status);
        }
    }

    private static async Task<IResult> Approve(string key, int version, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var page = $"/policies/{Uri.EscapeDataString(key)}/{version}";
        return await acts.Do(page, async () =>
        {
            await acts.Context.Client.Policies.ApproveAsync(key, version, new ApprovePolicyRequest(form["hash"].ToString(), form["reason"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return (page, acts.T["In force for new cases."]);
        });
    }

    private static IResult Again(string key, int version, string definition, string gate, string error, int status) =>
        Pages.Show<PolicyPage>(
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                [nameof(PolicyPage.Key)] = key, [nameof(PolicyPage.Version)] = version, [nameof(PolicyPage.TypedDefinition)] = definition,
                [nameof(PolicyPage.TypedGate)] = gate, [nameof(PolicyPage.Error)] = error,
            },
            status);
}
