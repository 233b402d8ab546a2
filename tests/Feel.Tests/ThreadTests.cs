using System.Text.Json;
using Countersign.Feel.Dmn;
using Countersign.Feel.Values;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>One compiled expression, model, scope and cache for many threads at once.</summary>
public sealed class ThreadTests
{
    private const int Threads = 8;
    private const int Rounds = 2_000;

    [Fact]
    public void An_expression_gives_every_thread_the_answer_of_its_own_values()
    {
        var expression = FeelExpression.Compile("sum(for i in 1..n return i * factor) + count(list[item > n]) + (if n > 50 then 1 else nothing)").Expression!;
        Run((thread, round) =>
        {
            var n = (round % 100) + 1;
            var scope = FeelScope.Empty.With("n", FeelValue.From(n)).With("factor", FeelValue.From(thread)).With("list", FeelList.Of(FeelValue.From(n), FeelValue.From(n + 1)));
            var result = expression.Evaluate(scope, FeelOptions.Default);
            result.Value.ShouldBe(n > 50 ? FeelValue.From((n * (n + 1) / 2 * thread) + 2) : FeelValue.Null);
            result.Warnings.IsEmpty.ShouldBe(n > 50);
        });
    }

    [Fact]
    public void A_shared_scope_over_json_and_a_shared_cache_stay_right()
    {
        using var document = JsonDocument.Parse("""{"a": 1, "b": [1, 2, 3], "c": {"d": "x"}, "e": 2.5}""");
        var scope = FeelScope.FromJson(document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal));
        var cache = new FeelCache(32);
        Run((_, round) =>
        {
            cache.Expression($"a + count(b) + string length(c.d) + e + {round % 60}").Expression!.Evaluate(scope, FeelOptions.Default).Value.ShouldBe(FeelValue.From(7.5m + (round % 60)));
            cache.Count.ShouldBeLessThan(200);
        });
    }

    [Fact]
    public void A_model_keeps_the_traces_of_threads_apart()
    {
        var model = DmnModel.Load(System.Text.Encoding.UTF8.GetBytes(
            "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' id='m' name='M' namespace='urn:m'><inputData id='n' name='n'/><decision id='d' name='D'><informationRequirement><requiredInput href='#n'/></informationRequirement>"
            + "<decisionTable hitPolicy='FIRST'><input><inputExpression><text>n</text></inputExpression></input><output/>"
            + string.Concat(Enumerable.Range(0, 20).Select(i => $"<rule id='r{i}'><inputEntry><text>{i}</text></inputEntry><outputEntry><text>{i * 10}</text></outputEntry></rule>"))
            + "</decisionTable></decision></definitions>")).Model!;
        Run((thread, round) =>
        {
            var n = (thread + round) % 20;
            var result = model.Evaluate("d", FeelScope.Empty.With("n", FeelValue.From(n)), FeelOptions.Default);
            result.Value.ShouldBe(FeelValue.From(n * 10));
            result.Tables.ShouldHaveSingleItem().MatchedRuleIds.ShouldBe([$"r{n}"]);
        });
    }

    [Fact]
    public void An_evaluation_ended_by_its_budget_leaves_nothing_to_the_next_one()
    {
        var endless = FeelExpression.Compile("{f: function(n) f(n + 1), r: f(0)}.r").Expression!;
        var short_ = FeelExpression.Compile("nobody").Expression!;
        Run((_, round) =>
        {
            if (round % 50 == 0)
                endless.Evaluate(FeelScope.Empty, new FeelOptions { Budget = new FeelBudget { Depth = 100 } }).Failure!.Reason.ShouldBe(FeelFailureReason.Depth);
            var result = short_.Evaluate(FeelScope.Empty, FeelOptions.Default);
            result.Failure.ShouldBeNull();
            result.Warnings.Length.ShouldBe(1);
        });
    }

    private static void Run(Action<int, int> body)
    {
        var problems = new System.Collections.Concurrent.ConcurrentBag<Exception>();
        var threads = Enumerable.Range(1, Threads).Select(thread => new Thread(() =>
        {
            try
            {
                for (var round = 0; round < Rounds; round++)
                    body(thread, round);
            }
            catch (Exception problem)
            {
                problems.Add(problem);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        problems.ShouldBeEmpty();
    }
}
