using System.Net;
using Countersign.Client;
using Countersign.Console.Session;
using Countersign.Console.Texts;
using Microsoft.AspNetCore.Http;

namespace Countersign.Console.Hosting;

/// <summary>Carries out what a form asks for: what the API refuses becomes a sentence on the page the person came from.</summary>
internal sealed class Acts(ConsoleContext context, CurrentSession session, Text text)
{
    public ConsoleContext Context => context;

    public Text T => text;

    /// <summary>The key that the form carries, so that sending it twice acts once.</summary>
    public static CallOptions Once(IFormCollection form) => new(form["once"].ToString() is { Length: > 0 and <= 64 } key && key.All(char.IsAsciiLetterOrDigit) ? key : null);

    /// <param name="back">Where to go when it was refused.</param>
    /// <param name="act">The act; answers where to go and what to say there.</param>
    public async Task<IResult> Do(string back, Func<Task<(string To, string? Said)>> act)
    {
        try
        {
            var (to, said) = await act();
            context.Acted();
            if (said is not null)
                await session.Say(FlashKind.Good, said);
            return TypedResults.LocalRedirect(LocalPath.Safe(to) ?? "/");
        }
        catch (CountersignProblemException e) when (e.Status == HttpStatusCode.Unauthorized)
        {
            return TypedResults.LocalRedirect("/sign-in?ended=1&return=" + Uri.EscapeDataString(back));
        }
        catch (CountersignProblemException e)
        {
            await session.Say(FlashKind.Warn, Sentence(e));
            return TypedResults.LocalRedirect(LocalPath.Safe(back) ?? "/");
        }
        catch (HttpRequestException)
        {
            await session.Say(FlashKind.Warn, text["The service does not answer just now. Nothing was changed; try again in a moment."]);
            return TypedResults.LocalRedirect(LocalPath.Safe(back) ?? "/");
        }
    }

    /// <summary>Like <see cref="Do"/>, but answers with a page at once: for what is shown a single time.</summary>
    public async Task<IResult> Show(string back, Func<Task<IResult>> act)
    {
        IResult? page = null;
        var refused = await Do(back, async () =>
        {
            page = await act();
            return (back, null);
        });
        return page ?? refused;
    }

    /// <summary>A refusal in the words of the API, with the places of the form it names.</summary>
    public string Sentence(CountersignProblemException e)
    {
        var said = e.Problem.Detail ?? e.Problem.Title ?? text["The service refused this without a reason."];
        return e.Problem.Errors is { Count: > 0 } errors ? said + " " + string.Join(" ", errors.Take(5).Select(x => $"{x.Pointer}: {x.Detail}")) : said;
    }
}
