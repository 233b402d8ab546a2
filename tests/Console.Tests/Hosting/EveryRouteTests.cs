using System.Net;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Countersign.Console.Tests.Hosting;

/// <summary>Rules that hold for every route of the console; the list comes from the routes themselves.</summary>
public sealed class EveryRouteTests(Host host) : IClassFixture<Host>
{
    private static readonly string[] Open = ["/sign-in", "/sign-in/start", "/signed-out", "/not-found", "/sign-out", "/theme", "/{*path}", "/{**path}"];

    private IEnumerable<RouteEndpoint> Console => host.Sample.Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<ConsoleEndpoint>() is not null && e.RoutePattern.RawText is { } text && !text.Contains("assets", StringComparison.Ordinal)
            && !text.Contains("_blazor", StringComparison.Ordinal) && !text.Contains("_framework", StringComparison.Ordinal));

    [Fact]
    public void There_are_pages_and_forms()
    {
        Console.Count(IsGet).ShouldBeGreaterThan(20);
        Console.Count(e => !IsGet(e)).ShouldBeGreaterThan(15);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        using var stranger = new Visitor(host.Sample.Address);
        using var dora = await Visitor.SignedIn(host.Sample, "dora");
        foreach (var route in Console.Where(IsGet))
        {
            foreach (var visitor in (Visitor[])[stranger, dora])
            {
                var path = Path(route);
                var response = await visitor.Get(path);
                string Header(string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : "";
                var policy = Header("Content-Security-Policy");
                policy.ShouldContain("default-src 'none'", Case.Sensitive, path);
                policy.ShouldContain("frame-ancestors 'none'", Case.Sensitive, path);
                policy.ShouldNotContain("unsafe", Case.Insensitive, path);
                Header("X-Content-Type-Options").ShouldBe("nosniff", path);
                Header("X-Frame-Options").ShouldBe("DENY", path);
                Header("Cross-Origin-Opener-Policy").ShouldBe("same-origin", path);
                Header("Cache-Control").ShouldNotContain("public", Case.Sensitive, path);
                ((int)response.StatusCode).ShouldBeLessThan(500, path);
            }
        }
    }

    [Fact]
    public async Task Every_page_but_the_open_ones_needs_a_session()
    {
        using var stranger = new Visitor(host.Sample.Address);
        foreach (var route in Console.Where(IsGet).Where(r => !IsOpen(r)))
        {
            var response = await stranger.Get(Path(route));
            response.StatusCode.ShouldBe(HttpStatusCode.Redirect, Path(route));
            response.Headers.Location!.ToString().ShouldStartWith("/sign-in?return=");
        }
    }

    [Fact]
    public async Task Every_form_refuses_a_forged_request()
    {
        using var dora = await Visitor.SignedIn(host.Sample, "dora");
        var before = host.Sample.Api.Keys.Count;
        foreach (var route in Console.Where(e => !IsGet(e)))
        {
            var response = await dora.Post(Path(route), [new("once", "x"), new("verdict", "approve"), new("theme", "dark")]);
            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, Path(route));
        }

        host.Sample.Api.Keys.Count.ShouldBe(before);
    }

    [Fact]
    public async Task No_page_has_script_or_style_of_its_own()
    {
        using var dora = await Visitor.SignedIn(host.Sample, "dora");
        foreach (var route in Console.Where(IsGet).Where(r => !r.RoutePattern.RawText!.StartsWith("/files", StringComparison.Ordinal)))
        {
            var response = await dora.Get(Path(route));
            if (response.Content.Headers.ContentType?.MediaType != "text/html")
                continue;
            var page = await dora.Read(response);
            page.QuerySelectorAll("style, [style]").Length.ShouldBe(0, Path(route));
            page.QuerySelectorAll("script").Where(s => string.IsNullOrEmpty(s.GetAttribute("src"))).ShouldBeEmpty(Path(route));
            page.All.Where(e => e.Attributes.Any(a => a.Name.StartsWith("on", StringComparison.Ordinal))).ShouldBeEmpty(Path(route));
            foreach (var form in page.QuerySelectorAll("form[method=post]"))
                form.QuerySelector("input[name=__RequestVerificationToken]").ShouldNotBeNull($"{Path(route)} {form.GetAttribute("action")}");
        }
    }

    [Fact]
    public async Task Every_page_has_one_heading_a_title_and_labels()
    {
        using var dora = await Visitor.SignedIn(host.Sample, "dora");
        foreach (var route in Console.Where(IsGet))
        {
            var response = await dora.Get(Path(route));
            if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "text/html")
                continue;
            var page = await dora.Read(response);
            page.Title.ShouldNotBeNullOrWhiteSpace(Path(route));
            page.QuerySelectorAll("h1").Length.ShouldBe(1, Path(route));
            page.QuerySelector("html")!.GetAttribute("lang").ShouldBe("en");
            foreach (var input in page.QuerySelectorAll("input:not([type=hidden]):not([type=checkbox]), textarea, select"))
                (input.Id is { Length: > 0 } id && page.QuerySelector($"label[for='{id}']") is not null).ShouldBeTrue($"{Path(route)}: {input.OuterHtml}");
            page.All.Select(e => e.Id).OfType<string>().Where(i => i.Length > 0).GroupBy(i => i, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty(Path(route));
        }
    }

    [Fact]
    public async Task What_is_nowhere_says_what_to_do_next()
    {
        using var visitor = new Visitor(host.Sample.Address);
        var page = await visitor.Page("/no/such/page", HttpStatusCode.NotFound);
        page.QuerySelector("a[href='/inbox']").ShouldNotBeNull();
        var api = await visitor.Get("/v1/no-such-route");
        api.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await api.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    private static bool IsGet(RouteEndpoint e) => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is not { } methods || methods.Contains("GET");

    private static bool IsOpen(RouteEndpoint e) => Open.Contains(e.RoutePattern.RawText, StringComparer.Ordinal);

    private string Path(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(Part))));

    private string Part(RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternParameterPart p => Value(p),
        _ => "",
    };

    private string Value(RoutePatternParameterPart p)
    {
        var constraint = p.ParameterPolicies.Count > 0 ? p.ParameterPolicies[0].Content : null;
        return (constraint, p.Name.ToUpperInvariant()) switch
        {
            ("guid", _) => host.Sample.Api.InstanceId(0).ToString(),
            ("int", _) => "1",
            (_, "PATH") => "nowhere",
            (_, "KEY") => "invoice",
            (_, "NAME") => "vendors",
            _ => host.Sample.Api.TaskId(0),
        };
    }
}
