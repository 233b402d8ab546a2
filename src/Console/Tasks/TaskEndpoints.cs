using System.Globalization;
using System.Net;
using Countersign.Client;
using Countersign.Client.Tasks;
using Countersign.Console.Hosting;
using Countersign.Console.Session;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.Tasks;

internal static class TaskEndpoints
{
    private static readonly TimeSpan LongestDwell = TimeSpan.FromHours(12);

    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapPost("/tasks/{id}/claim", Claim);
        forms.MapPost("/tasks/{id}/release", Release);
        forms.MapPost("/tasks/{id}/reassign", Reassign);
        forms.MapPost("/tasks/{id}/answer", Answer);
    }

    private static async Task<IResult> Claim(string id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do("/inbox", async () =>
        {
            await acts.Context.Client.Tasks.ClaimAsync(id, Acts.Once(form), http.RequestAborted);
            return form["open"] == "yes" ? ($"/tasks/{Uri.EscapeDataString(id)}", null) : ("/inbox", acts.T["It is yours."]);
        });
    }

    private static async Task<IResult> Release(string id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var back = LocalPath.Safe(form["return"]) ?? "/inbox";
        return await acts.Do(back, async () =>
        {
            await acts.Context.Client.Tasks.ReleaseAsync(id, Acts.Once(form), http.RequestAborted);
            return (back, acts.T["Put back. Others of the group can take it now."]);
        });
    }

    private static async Task<IResult> Reassign(string id, HttpContext http, Acts acts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await acts.Do($"/tasks/{Uri.EscapeDataString(id)}", async () =>
        {
            await acts.Context.Client.Tasks.ReassignAsync(id, new ReassignTaskRequest(form["to"].ToString(), form["reason"].ToString().Trim()), Acts.Once(form), http.RequestAborted);
            return ("/inbox", acts.T["Given over. The history of the case says so, with your reason."]);
        });
    }

    private static async Task<IResult> Answer(string id, HttpContext http, Acts acts, CurrentSession session, TimeProvider time)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var typed = ReviewDraft.TypedIn(form);
        var verdict = form["verdict"].ToString();
        var reason = form["reason"].ToString().Trim();
        var tasks = acts.Context.Client.Tasks;
        try
        {
            var shown = await tasks.GetAsync(id, http.RequestAborted);
            var corrections = ReviewDraft.Corrections(shown.Fields, typed);
            if (Missing(acts, verdict, reason, corrections.Count) is { } missing)
                return Again(id, new ReviewDraft(typed, reason, null, missing, ReviewConflict.None), StatusCodes.Status422UnprocessableEntity);
            var request = new CompleteTaskRequest(verdict, reason.Length == 0 ? null : reason, null, verdict == "correct" ? corrections : null,
                form["digest"].ToString() is { Length: > 0 } digest ? digest : null, Dwell(form, time.GetUtcNow()), Opened(form));
            await tasks.CompleteAsync(id, request, Acts.Once(form), http.RequestAborted);
        }
        catch (CountersignProblemException e) when (e.Status == HttpStatusCode.Unauthorized)
        {
            return TypedResults.LocalRedirect("/sign-in?ended=1&return=" + Uri.EscapeDataString("/tasks/" + id));
        }
        catch (CountersignProblemException e) when (e.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return Again(id, null, StatusCodes.Status404NotFound);
        }
        catch (CountersignProblemException e) when (e.Status is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed)
        {
            // The page reads the case anew: it shows either that someone else was first or what has changed.
            return Again(id, new ReviewDraft(typed, reason, null, null, ReviewConflict.Changed), StatusCodes.Status409Conflict);
        }
        catch (CountersignProblemException e)
        {
            return Again(id, new ReviewDraft(typed, reason, null, acts.Sentence(e), ReviewConflict.None), e.Problem.Status);
        }

        acts.Context.Acted();
        await session.Say(FlashKind.Good, verdict switch
        {
            "approve" => acts.T["Signed. The process goes on."],
            "correct" => acts.T["Corrected and signed. The checks run again on your values."],
            "reject" => acts.T["Rejected. Your reason is kept with the decision."],
            _ => acts.T["Done."],
        });
        return TypedResults.LocalRedirect("/inbox");
    }

    private static string? Missing(Acts acts, string verdict, string reason, int corrections) => verdict switch
    {
        "reject" when reason.Length == 0 => acts.T["Say why you reject: the reason is kept with your signature and told to the partner."],
        "approve" when corrections > 0 => acts.T["You changed {0} value(s). Use “Correct and sign” to keep them, or put the old values back to approve as read.", corrections],
        "correct" when corrections == 0 => acts.T["No value differs from what was read. Change what is wrong, or approve."],
        "approve" or "correct" or "reject" or "complete" => null,
        _ => acts.T["Choose one of the buttons: approve, correct, or reject."],
    };

    private static IResult Again(string id, ReviewDraft? draft, int status) =>
        Pages.Show<ReviewPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(ReviewPage.Id)] = id, [nameof(ReviewPage.Draft)] = draft }, status);

    // Measured by the page's script while it is visible; without script, from when the page was made.
    private static long? Dwell(IFormCollection form, DateTimeOffset now)
    {
        var dwell = long.TryParse(form["dwell"], CultureInfo.InvariantCulture, out var measured) ? measured
            : long.TryParse(form["shownAt"], CultureInfo.InvariantCulture, out var shown) ? now.ToUnixTimeMilliseconds() - shown : (long?)null;
        return dwell is >= 0 && dwell <= LongestDwell.TotalMilliseconds ? dwell : null;
    }

    private static List<string> Opened(IFormCollection form) =>
        [.. form["opened"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).Take(100)];
}
