using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Countersign.Console.Sample;

namespace Countersign.Console.Tests;

/// <summary>A browser without script: keeps cookies, follows nothing by itself, fills and sends forms.</summary>
internal sealed class Visitor : IDisposable
{
    private readonly HttpClientHandler handler = new() { AllowAutoRedirect = false, UseCookies = true };
    private readonly HttpClient http;
    private readonly HtmlParser parser = new();

    public Visitor(Uri address, string? user = null)
    {
        http = new HttpClient(handler) { BaseAddress = address };
        if (user is not null)
            handler.CookieContainer.Add(address, new Cookie("sample-user", user));
    }

    public CookieCollection Cookies => handler.CookieContainer.GetCookies(http.BaseAddress!);

    public static async Task<Visitor> SignedIn(SampleHost host, string user = "ben")
    {
        var visitor = new Visitor(host.Address, user);
        var response = await visitor.Follow("/sign-in/start?return=%2Fnot-found");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return visitor;
    }

    public Task<HttpResponseMessage> Get(string path) => http.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute), TestContext.Current.CancellationToken);

    public async Task<HttpResponseMessage> Follow(string path)
    {
        var response = await Get(path);
        for (var hops = 0; hops < 10 && response.Headers.Location is { } location; hops++)
            response = await Get(location.ToString());
        return response;
    }

    public async Task<IHtmlDocument> Page(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var response = await Get(path);
        response.StatusCode.ShouldBe(expected, path);
        return await Read(response);
    }

    public async Task<IHtmlDocument> Read(HttpResponseMessage response) => parser.ParseDocument(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

    /// <summary>Sends a form as a browser would, with changes and the button pressed.</summary>
    public Task<HttpResponseMessage> Send(IHtmlDocument page, string action, params (string Name, string Value)[] changes)
    {
        var form = page.QuerySelectorAll("form").OfType<IHtmlFormElement>().First(f => f.GetAttribute("action") == action && f.GetAttribute("method") == "post");
        var values = new List<KeyValuePair<string, string>>();
        foreach (var element in form.QuerySelectorAll("input[name], textarea[name], select[name]"))
        {
            var value = element switch
            {
                IHtmlInputElement { Type: "checkbox", IsChecked: false } => null,
                IHtmlInputElement input => input.Value,
                IHtmlTextAreaElement text => text.Value,
                IHtmlSelectElement select => select.Value,
                _ => null,
            };
            if (value is not null && !changes.Any(c => c.Name == element.GetAttribute("name")))
                values.Add(new(element.GetAttribute("name")!, value));
        }

        values.AddRange(changes.Select(c => new KeyValuePair<string, string>(c.Name, c.Value)));
        return Post(action, values);
    }

    public Task<HttpResponseMessage> Post(string path, IEnumerable<KeyValuePair<string, string>> values) =>
        http.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent(values), TestContext.Current.CancellationToken);

    public void Dispose()
    {
        http.Dispose();
        handler.Dispose();
    }
}

/// <summary>One sample host for tests that do not change its data.</summary>
public sealed class Host : IAsyncLifetime
{
    public SampleHost Sample { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Sample = await SampleHost.Start();

    public ValueTask DisposeAsync() => Sample.DisposeAsync();
}
