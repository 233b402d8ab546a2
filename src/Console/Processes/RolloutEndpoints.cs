using System.Globalization;
using Countersign.Client;
using Countersign.Client.Processes;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Processes;

/// <summary>What can be done about a rollout. Each form names the version of the process that its page showed, so that nobody promotes what he has not seen.</summary>
internal static class RolloutEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/processes/{key}/{version:int}/rollout", Change);
        forms.MapPost("/processes/{key}/{version:int}/promote", Promote);
        forms.MapPost("/processes/{key}/{version:int}/withdraw", Withdraw);
    }

    /// <summary>What the fields of <c>RolloutFields</c> ask for; null where both are empty.</summary>
    /// <exception cref="CountersignProblemException">The share is no number.</exception>
    internal static RolloutRequest? Asked(IFormCollection form, Acts acts)
    {
        var (share, groups, reason) = (form["share"].ToString().Trim(), form["groups"].ToString(), form["reason"].ToString().Trim());
        string[] named = [.. groups.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        if (share.Length == 0)
            return named.Length == 0 ? null : new RolloutRequest(reason, null, named);
        if (!decimal.TryParse(share, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) || percent > 100)
            throw new CountersignProblemException(new Problem(null, null, StatusCodes.Status400BadRequest, acts.T["Write the share as a number of percent, such as 10 or 2.5."], null));
        return new RolloutRequest(reason, percent / 100, named.Length == 0 ? null : named);
    }

    private static async Task<IResult> Change(string key, int version, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do(Page(key, version), async () =>
        {
            var asked = Asked(form, acts) ?? new RolloutRequest(form["reason"].ToString().Trim());
            await acts.Context.Client.Processes.ChangeRolloutAsync(key, version, asked, Read(form), http.RequestAborted);
            return (Page(key, version), acts.T["Changed. The next start is chosen by it."]);
        });
    }

    private static async Task<IResult> Promote(string key, int version, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do(Page(key, version), async () =>
        {
            await acts.Context.Client.Processes.PromoteAsync(key, version, new PromoteVersionRequest(form["reason"].ToString().Trim()), Read(form), http.RequestAborted);
            return (Page(key, version), acts.T["In force for all new cases."]);
        });
    }

    private static async Task<IResult> Withdraw(string key, int version, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do(Page(key, version), async () =>
        {
            await acts.Context.Client.Processes.WithdrawAsync(key, version, new WithdrawVersionRequest(form["reason"].ToString().Trim()), Read(form), http.RequestAborted);
            return (Page(key, version), acts.T["Withdrawn. New cases run the version in force; your reason is kept."]);
        });
    }

    private static CallOptions Read(IFormCollection form) =>
        Acts.Once(form) with { IfVersion = long.TryParse(form["read"], NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : null };

    private static string Page(string key, int version) => string.Create(CultureInfo.InvariantCulture, $"/processes/{Uri.EscapeDataString(key)}/{version}");
}
