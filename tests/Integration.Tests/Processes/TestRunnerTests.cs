using System.Text.Json;
using Countersign.Api.Processes;
using Countersign.Client.Processes;
using Countersign.Integration.Tests.Instances;
using Countersign.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Processes;

/// <summary>What ends a test run that would not end by itself, by a clock of the test: how fast the machine is changes nothing.</summary>
public sealed class TestRunnerTests
{
    [Theory]
    [InlineData(1, 0, "steps", "Look for a loop")]
    [InlineData(300, 0, "size", "at most 20000 facts")]
    [InlineData(1, 10, "time", "5 seconds of computing")]
    public void A_run_without_end_is_stopped_by_its_steps_its_size_or_its_time(int many, int millisecondsPerLook, string limit, string said)
    {
        var variables = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>($$"""{"stop":false,"many":{{many}}}""")!;
        var test = ProcessTest.Of(TestProcesses.Ticking).StartingAt(ProcessTest.UsualStart);
        var main = test.Start(variables);
        var runner = new TestRunner(test, new TestRunRequest(TestProcesses.Ticking), ProcessTest.UsualStart, new LookedAt(millisecondsPerLook));
        runner.Run(TestContext.Current.CancellationToken);
        var view = runner.View(main, []);
        view.Limit.ShouldBe(limit);
        view.Sentence.ShouldContain(said);
        view.Steps.Count.ShouldBeLessThanOrEqualTo(TestRunner.MostSteps);
    }

    /// <summary>Goes on by the same time whenever somebody looks.</summary>
    private sealed class LookedAt(int milliseconds) : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => _looks++ * milliseconds;
    }
}
