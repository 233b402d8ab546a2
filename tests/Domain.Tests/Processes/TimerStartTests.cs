using System.Globalization;
using Countersign.Domain.Processes;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>When a process starts by its timers.</summary>
public sealed class TimerStartTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("timeDate", "2026-03-02T13:00:00Z", "2026-03-02T13:00:00Z", null)]
    [InlineData("timeDate", "2026-03-02T13:00:00+01:00", null, null)]
    [InlineData("timeDate", "2025-01-01T00:00:00Z", null, null)]
    [InlineData("timeDuration", "PT5M", "2026-03-02T12:05:00Z", null)]
    [InlineData("timeCycle", "R/PT1H", "2026-03-02T13:00:00Z", -1)]
    [InlineData("timeCycle", "R3/PT1H", "2026-03-02T13:00:00Z", 3)]
    [InlineData("timeCycle", "R/2026-03-02T09:30:00Z/PT1H", "2026-03-02T12:30:00Z", -1)]
    [InlineData("timeCycle", "R5/2026-03-02T09:30:00Z/PT1H", "2026-03-02T12:30:00Z", 2)]
    [InlineData("timeCycle", "R3/2026-03-02T09:30:00Z/PT1H", null, 0)]
    [InlineData("timeCycle", "R/2025-12-15T08:00:00Z/P1M", "2026-03-15T08:00:00Z", -1)]
    [InlineData("timeCycle", "0 30 8 * * MON-FRI", "2026-03-03T08:30:00Z", -1)]
    [InlineData("timeDate", "=now() + duration(&quot;PT2H&quot;)", "2026-03-02T14:00:00Z", null)]
    [InlineData("timeCycle", "=&quot;R&quot; + string(1 + 1) + &quot;/PT10M&quot;", "2026-03-02T12:10:00Z", 2)]
    public void A_timer_is_set_by_its_text_when_the_version_is_published(string kind, string text, string? due, int? remaining)
    {
        var start = TimerStarts.Of(Graph(kind, text), Noon, out var wrong).ShouldHaveSingleItem();
        wrong.ShouldBeEmpty();
        start.DueAt.ShouldBe(due is null ? null : DateTimeOffset.Parse(due, CultureInfo.InvariantCulture));
        start.Remaining.ShouldBe(remaining);
    }

    [Theory]
    [InlineData("timeDate", "=&quot;soon&quot;")]
    [InlineData("timeDuration", "=1 + 1")]
    [InlineData("timeCycle", "=null")]
    public void An_expression_that_gives_no_time_is_found_when_the_version_is_published(string kind, string text)
    {
        TimerStarts.Of(Graph(kind, text), Noon, out var wrong).ShouldBeEmpty();
        var finding = wrong.ShouldHaveSingleItem();
        (finding.Rule, finding.ElementId, finding.Severity).ShouldBe(("timer.invalid", "monday", FindingSeverity.Error));
    }

    [Fact]
    public void A_timer_that_takes_variables_cannot_start_a_process()
    {
        var finding = Compile("timeDate", "=order.due").Findings.First(f => f.Severity == FindingSeverity.Error);
        (finding.Rule, finding.ElementId).ShouldBe(("timer.variable", "monday"));
    }

    [Fact]
    public void A_start_that_waits_for_several_triggers_at_once_is_refused_by_name()
    {
        const string inside = """
            <bpmn:startEvent id="both" parallelMultiple="true"><bpmn:messageEventDefinition messageRef="m"/><bpmn:timerEventDefinition><bpmn:timeCycle>R/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>
            <bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f" sourceRef="both" targetRef="e"/>
            """;
        var compilation = ProcessCompiler.Compile(ProcessSources.OfBpmn(Drawing(inside)));
        compilation.Findings.ShouldContain(f => f.Rule == "element.not-run" && f.ElementId == "both" && f.Severity == FindingSeverity.Error);
        var any = ProcessCompiler.Compile(ProcessSources.OfBpmn(Drawing(inside.Replace("parallelMultiple=\"true\"", "", StringComparison.Ordinal)))).Graph.ShouldNotBeNull();
        TimerStarts.Of(any, Noon, out _).ShouldHaveSingleItem().ElementId.ShouldBe("both");
        any.Triggers.ShouldHaveSingleItem().IsTriggeredByMessage("paid").ShouldBeTrue();
    }

    [Fact]
    public void What_was_missed_is_not_made_up_for_and_counts()
    {
        var start = TimerStarts.Of(Graph("timeCycle", "R5/PT1H"), Noon, out _)[0];
        var second = start.After(Noon.AddHours(1));
        (second.DueAt, second.Remaining).ShouldBe((Noon.AddHours(2), 4));
        var late = second.After(Noon.AddHours(3.5));
        (late.DueAt, late.Remaining).ShouldBe((Noon.AddHours(4), 2));
        late.After(Noon.AddHours(9)).DueAt.ShouldBeNull();
        TimerStarts.Of(Graph("timeCycle", "0 0 8 * * *"), Noon, out _)[0].After(Noon.AddDays(10)).DueAt.ShouldBe(new DateTimeOffset(2026, 3, 13, 8, 0, 0, TimeSpan.Zero));
        TimerStarts.Of(Graph("timeDate", "2026-03-02T13:00:00Z"), Noon, out _)[0].After(Noon.AddHours(1)).DueAt.ShouldBeNull();
    }

    [Fact]
    public void However_late_each_next_start_lies_behind_now_on_the_series_and_the_count_goes_down_by_what_passed() =>
        Gen.Select(Gen.OneOf(Gen.Const("PT1S"), Gen.Const("PT7M"), Gen.Const("P1D"), Gen.Const("P1W"), Gen.Const("P1M"), Gen.Const("P1Y2M")), Gen.Int[1, 2_000_000], Gen.Long[0, 400L * 86_400], Gen.Bool).Sample((interval, count, late, counted) =>
        {
            var start = TimerStarts.Of(Graph("timeCycle", $"R{(counted ? count.ToString(CultureInfo.InvariantCulture) : "")}/{interval}"), Noon, out _)[0];
            var now = start.DueAt!.Value.AddSeconds(late);
            var next = start.After(now);
            // The slow way: one step after the other.
            var (due, left) = (start.DueAt!.Value, counted ? count : -1);
            IsoDuration.TryParse(interval, out var step).ShouldBeTrue();
            if (step.Months == 0)
            {
                var steps = ((now - due).Ticks / step.Time.Ticks) + 1;
                (due, left) = (due + (step.Time * steps), counted ? (int)Math.Max(0, left - steps) : -1);
            }
            else
            {
                for (var first = true; first || due <= now; first = false)
                    (due, left) = (due + step, counted ? Math.Max(0, left - 1) : -1);
            }

            next.DueAt.ShouldBe(left == 0 ? null : due);
            next.Remaining.ShouldBe(left);
            if (next.DueAt is { } at)
                at.ShouldBeGreaterThan(now);
        }, iter: 500);

    private static ProcessGraph Graph(string kind, string text)
    {
        var compilation = Compile(kind, text);
        return compilation.Graph ?? throw new InvalidOperationException(string.Join('\n', compilation.Findings));
    }

    private static ProcessCompilation Compile(string kind, string text) => ProcessCompiler.Compile(ProcessSources.OfBpmn(Drawing($"""
        <bpmn:startEvent id="monday" name="Every Monday"><bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition></bpmn:startEvent>
        <bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f" sourceRef="monday" targetRef="e"/>
        """)));

    private static string Drawing(string inside) => $"""
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><bpmn:message id="m" name="paid"/><bpmn:process id="p" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>
        """;
}
