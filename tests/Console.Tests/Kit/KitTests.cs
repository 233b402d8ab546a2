using System.Text.Json;
using Bunit;
using Countersign.Client.Dashboards;
using Countersign.Client.Decisions;
using Countersign.Console.Decisions;
using Countersign.Console.Kit;
using Countersign.Console.Texts;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Console.Tests.Kit;

public sealed class KitTests : BunitContext
{
    public KitTests()
    {
        Services.AddSingleton(Text.English);
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<Clock>();
    }

    [Theory]
    [InlineData("1", 5, "good", "100 %")]
    [InlineData("0.999", 5, "good", "99 %")]
    [InlineData("0.91", 4, "warn", "91 %")]
    [InlineData("0.3", 1, "bad", "30 %")]
    public void Confidence_is_said_in_marks_and_number_never_by_colour_alone(string value, int marks, string tone, string text)
    {
        var shown = Render<Confidence>(p => p.Add(c => c.Value, decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture)));
        shown.FindAll("i.on").Count.ShouldBe(marks);
        shown.Find(".confidence").ClassList.ShouldContain("confidence-" + tone);
        shown.Find(".confidence").TextContent.ShouldContain(text);
    }

    [Fact]
    public void Without_confidence_nothing_is_claimed() => Render<Confidence>().Markup.Trim().ShouldBeEmpty();

    [Fact]
    public void A_bad_note_is_announced()
    {
        Render<Note>(p => p.Add(n => n.Tone, "bad")).Find(".note").GetAttribute("role").ShouldBe("alert");
        Render<Note>(p => p.Add(n => n.Tone, "info")).Find(".note").HasAttribute("role").ShouldBeFalse();
    }

    [Fact]
    public void Failed_checks_come_first_and_the_others_are_folded()
    {
        CheckView[] checks = [new("a", CheckResult.Passed, "fine"), new("b", CheckResult.NotApplicable, "nothing there"), new("c", CheckResult.Failed, "wrong total")];
        var folded = Render<CheckList>(p => p.Add(c => c.Checks, checks).Add(c => c.Fold, true));
        folded.FindAll("ul")[0].TextContent.ShouldContain("wrong total");
        folded.Find("details").TextContent.ShouldContain("2 passed or not applicable");
        Render<CheckList>(p => p.Add(c => c.Checks, checks)).FindAll("li").Select(l => l.ClassName).ShouldBe(["failed", "passed", "none"]);
    }

    [Fact]
    public void The_chart_says_the_same_as_its_table()
    {
        DayCount[] days = [new(new DateOnly(2026, 11, 20), 10, 7, 3), new(new DateOnly(2026, 11, 21), 0, 0, 0), new(new DateOnly(2026, 11, 22), 4, 4, 0)];
        var chart = Render<DayChart>(p => p.Add(c => c.Days, days));
        chart.FindAll("tbody tr").Count.ShouldBe(3);
        foreach (var svg in chart.FindAll("svg"))
        {
            svg.GetAttribute("aria-label").ShouldNotBeNullOrEmpty();
            svg.QuerySelectorAll("g").Length.ShouldBe(3);
            var heights = svg.QuerySelectorAll("rect.bar-1").Select(r => double.Parse(r.GetAttribute("height")!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
            (heights[0] / heights[2]).ShouldBe(7.0 / 4, 0.05);
            heights[1].ShouldBe(0);
        }
    }

    [Fact]
    public void The_chart_draws_any_counts_inside_its_frame() => Gen.Int[0, 3_000_000].Array[1, 90].Sample(
        counts =>
        {
            var days = counts.Select((c, i) => new DayCount(new DateOnly(2026, 1, 1).AddDays(i), c, c / 2, c - (c / 2))).ToArray();
            using var context = new BunitContext();
            context.Services.AddSingleton(Text.English);
            var chart = context.Render<DayChart>(p => p.Add(x => x.Days, days));
            foreach (var bar in chart.FindAll("rect"))
            {
                double N(string name) => double.Parse(bar.GetAttribute(name)!, System.Globalization.CultureInfo.InvariantCulture);
                N("y").ShouldBeGreaterThanOrEqualTo(0);
                N("height").ShouldBeGreaterThanOrEqualTo(0);
                (N("y") + N("height")).ShouldBeLessThanOrEqualTo(230);
            }
        },
        iter: 40);

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("javascript:alert(1)")]
    public void Foreign_text_is_only_text(string text)
    {
        var value = JsonSerializer.SerializeToElement(new Dictionary<string, object> { [text] = new[] { text } });
        var shown = Render<JsonValue>(p => p.Add(v => v.Value, value));
        shown.FindAll("script, img").ShouldBeEmpty();
        shown.Find("dt").TextContent.ShouldBe(text);
        shown.Find("li").TextContent.Trim().ShouldBe(text);
    }

    [Fact]
    public void A_pager_shows_the_ways_there_are()
    {
        Render<Pager>().Markup.Trim().ShouldBeEmpty();
        var middle = Render<Pager>(p => p.Add(x => x.Next, "?cursor=b").Add(x => x.AtStart, false).Add(x => x.First, "?first"));
        middle.FindAll("a").Select(a => a.GetAttribute("href")).ShouldBe(["?first", "?cursor=b"]);
    }

    [Theory]
    [InlineData("Ana Torres", "AT")]
    [InlineData("ben", "B")]
    [InlineData("", "?")]
    [InlineData("Åsa von Öst", "ÅÖ")]
    public void An_avatar_has_the_first_letters(string name, string initials) =>
        Render<Avatar>(p => p.Add(a => a.Name, name)).Find(".avatar").TextContent.ShouldBe(initials);

    [Theory]
    [InlineData(0.4, "0 ms")]
    [InlineData(999, "999 ms")]
    [InlineData(1840, "1.8 s")]
    [InlineData(90_000, "1.5 min")]
    [InlineData(7_200_000, "2.0 h")]
    public void Durations_have_a_unit_that_fits(double milliseconds, string text) => new Clock(TimeProvider.System, Text.English).Measured(milliseconds).ShouldBe(text);
}
