using System.Diagnostics;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>No expression runs away: every attempt ends in a failure that says which limit was met, or in a harmless value.</summary>
public sealed class BudgetTests
{
    [Theory]
    [InlineData("for i in 1..1000000000 return i", FeelFailureReason.ListLength)]
    [InlineData("some i in 1..1000000000 satisfies i < 0", FeelFailureReason.Steps)]
    [InlineData("every i in 1..1000000000 satisfies every j in 1..1000000000 satisfies true", FeelFailureReason.Steps)]
    [InlineData("count(for i in 1..90000, j in 1..90000 return 1)", FeelFailureReason.ListLength)]
    [InlineData("{f: function(n) f(n + 1), r: f(0)}.r", FeelFailureReason.Depth)]
    [InlineData("{f: function(x) x(x), r: f(f)}.r", FeelFailureReason.Depth)]
    [InlineData("{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(60)}.r", FeelFailureReason.Steps)]
    [InlineData("count(for i in 1..300 return [partial])", FeelFailureReason.Depth)]
    [InlineData("{d: function(s, n) if n = 0 then s else d(s + s, n - 1), r: d(\"abcdefgh\", 40)}.r", FeelFailureReason.StringLength)]
    [InlineData("{d: function(l, n) if n = 0 then l else d(concatenate(l, l), n - 1), r: d([1, 2, 3, 4], 40)}.r", FeelFailureReason.ListLength)]
    [InlineData("string join(for i in 1..50000 return \"a text of some length that is joined\", \", \")", FeelFailureReason.StringLength)]
    [InlineData("{s: string join(for i in 1..10000 return \"0123456789\"), r: for i in 1..10000 return s + s}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: d([1], 60) = d([1], 60)}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: d([1], 60) != d([2], 60)}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(c, n) if n = 0 then c else d({a: c, b: c}, n - 1), r: d({a: 1}, 60) = d({a: 1}, 60)}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: d([1], 60) in (d([1], 60), 2)}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: list contains([d([1], 60)], d([1], 60))}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: index of([d([1], 60)], d([1], 60))}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: distinct values([d([1], 60), d([1], 60)])}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: union([d([1], 60)], [d([1], 60)])}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: mode([d([1], 60), d([1], 60)])}.r", null)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: remove(d([1], 60), 1) = [d([1], 59)]}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: list replace([d([1], 60)], function(i, n) i = n, d([1], 60))}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: d([1], 60)[item = d([1], 59)]}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: string(d([1], 60))}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(c, n) if n = 0 then c else d({a: c, b: c}, n - 1), r: string(d({a: 1}, 60))}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: flatten(d([1], 60))}.r", FeelFailureReason.ListLength)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: flatten(d([], 60))}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: d([1], 24) instance of LISTS}.r", FeelFailureReason.Steps)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: d([1], 60)}.r", FeelFailureReason.ResultLength)]
    [InlineData("{s: string join(for i in 1..10000 return \"0123456789\"), r: for i in 1..10000 return s}", FeelFailureReason.ResultLength)]
    public void A_runaway_expression_ends_with_the_limit_it_met(string text, FeelFailureReason? reason)
    {
        text = text.Replace("LISTS", string.Concat(Enumerable.Repeat("list<", 24)) + "list<number>" + new string('>', 24), StringComparison.Ordinal);
        var watch = Stopwatch.StartNew();
        var result = Feel.Evaluate(text);
        (result.Failure?.Reason).ShouldBe(reason, text);
        if (reason is null)
            return;
        result.Failure!.Message.Length.ShouldBeGreaterThan(20);
        result.Value.IsNull.ShouldBeTrue();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5), text);
    }

    [Fact]
    public void A_loop_over_a_thousand_million_ends_within_a_second()
    {
        // Once for the compiler of the runtime itself; the best of three leaves out what else the machine does.
        const string Text = "for i in 1..1000000000 return i * 2";
        var best = Enumerable.Range(0, 4).Min(_ =>
        {
            var watch = Stopwatch.StartNew();
            Feel.Evaluate(Text).Failure!.Message.ShouldContain("more than 100000 members");
            return watch.Elapsed;
        });
        best.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void The_same_budget_is_spent_every_time()
    {
        // The smallest budget that suffices is found by halving; one step less never does.
        const string Text = "sum(for i in 1..100 return i * 2)";
        var (low, high) = (1L, 1_000_000L);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Feel.Evaluate(Text, null, With(middle)).Failure is null)
                high = middle;
            else
                low = middle + 1;
        }
        for (var i = 0; i < 5; i++)
        {
            Feel.Evaluate(Text, null, With(low)).Failure.ShouldBeNull();
            Feel.Evaluate(Text, null, With(low - 1)).Failure!.Reason.ShouldBe(FeelFailureReason.Steps);
        }
    }

    [Fact]
    public void The_caller_can_cancel()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var result = Feel.Evaluate("some i in 1..1000000 satisfies i < 0", null, new FeelOptions { Cancellation = source.Token });
        result.Failure!.Reason.ShouldBe(FeelFailureReason.Cancelled);
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|aa)+$")]
    [InlineData("(.*a){20}")]
    [InlineData("(x+x+)+y")]
    [InlineData("^(([a-z])+.)+[A-Z]([a-z])+$")]
    public void A_regular_expression_takes_time_in_proportion_to_the_text(string pattern)
    {
        var watch = Stopwatch.StartNew();
        Feel.Evaluate($"matches(string join(for i in 1..30000 return \"a\") + \"!\", \"{pattern}\")").Failure.ShouldBeNull();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Deep_texts_are_refused_and_do_not_break_the_stack()
    {
        foreach (var (open, close) in (ReadOnlySpan<(string, string)>)[("(", ")"), ("[", "]"), ("{a:", "}"), ("-", ""), ("not(", ")"), ("if true then ", " else 1"), ("function(x) ", ""), ("x in (", ")"), ("[1..", "]"), ("1+(", ")")])
        {
            var text = string.Concat(Enumerable.Repeat(open, 5000)) + "1" + string.Concat(Enumerable.Repeat(close, 5000));
            var watch = Stopwatch.StartNew();
            FeelExpression.Compile(text).Errors.ShouldNotBeEmpty(open);
            _ = FeelExpression.CompileUnaryTests(text);
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5), open);
        }
        foreach (var chain in (ReadOnlySpan<string>)["1+", "1*", "a.", "true and ", "true or ", "1=", "a instance of number and "])
            FeelExpression.Compile(string.Concat(Enumerable.Repeat(chain, 5000)) + "a").Errors.ShouldNotBeEmpty(chain);
        FeelExpression.Compile("f" + string.Concat(Enumerable.Repeat("()", 5000))).Errors.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_long_but_ordinary_chain_is_fine()
        => Feel.Value(string.Join(" + ", Enumerable.Repeat("1", 1000))).ShouldBe(Values.FeelValue.From(1000));

    private static FeelOptions With(long steps) => new() { Budget = new FeelBudget { Steps = steps } };
}
