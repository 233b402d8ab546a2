using System.Globalization;
using System.Text;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>
/// What a file of four times the size costs to compile: about four times, never sixteen. Counted in bytes allocated and in processor time of this one thread, so that what else the
/// machine does changes nothing; the best of some attempts leaves out the compiler of the runtime itself.
/// </summary>
public sealed class CompileCostTests
{
    private const int Small = 1_000, Large = 4_000, Attempts = 6;

    // Four is linear, sixteen quadratic; the largest maps of a large file cost some misses of the processor's caches more.
    private const double Most = 8;
    private const string Schedule = "/proc/thread-self/schedstat";

    [Theory]
    [InlineData("exclusive mesh")]
    [InlineData("inclusive mesh")]
    [InlineData("names")]
    [InlineData("links")]
    [InlineData("sub-processes")]
    [InlineData("no start")]
    [InlineData("one gateway")]
    [InlineData("one activity")]
    public void Four_times_the_file_costs_about_four_times_as_much(string shape)
    {
        var (small, large) = (File(shape, Small), File(shape, Large));
        Compile(small);
        (Bytes(large) / (double)Bytes(small)).ShouldBeLessThan(Most, "bytes allocated");
        if (!System.IO.File.Exists(Schedule))
            return;
        double ratio = double.MaxValue, least = double.MaxValue;
        for (var i = 0; i < Attempts && ratio >= Most; i++)
        {
            least = Math.Min(least, Math.Min(Time(small), Time(small)));
            ratio = Math.Min(ratio, Time(large) / least);
        }

        ratio.ShouldBeLessThan(Most, "processor time");
    }

    [Fact]
    public void A_mesh_of_joins_still_joins_as_the_specification_has_it()
    {
        // Of each node and each incoming flow of each join: a search forward that may not pass the join must reach the flow exactly when the join says so.
        var graph = Compile(File("inclusive mesh", 40)).Graph.ShouldNotBeNull();
        graph.InclusiveJoins.Length.ShouldBeGreaterThan(20);
        foreach (var join in graph.InclusiveJoins)
        {
            var reach = graph.ReachOf(join);
            graph.ReachOf(join).ShouldBeSameAs(reach);
            foreach (var node in graph.Nodes)
            {
                for (var i = 0; i < join.Incoming.Length; i++)
                    reach.Contains(i, node).ShouldBe(node != join && Leads(node, join.Incoming[i].Source, join), $"{node.Id} to {join.Incoming[i].Id}");
            }
        }
    }

    [Fact]
    public void A_link_is_a_way_to_a_join()
    {
        var graph = new GraphBuilder("p").Start().Inclusive("fork").LinkTo("out", "L").LinkFrom("in", "L").Task("a").Task("b").Inclusive("join").User("ask").End()
            .Path("start", "fork").Flow("fork", "out", "=true").Flow("fork", "a", "=true").Path("in", "b", "join").Path("a", "join", "ask", "end").Build();
        var join = graph.Node("join")!;
        var reach = graph.ReachOf(join);
        string From(int i) => string.Join(' ', graph.Nodes.Where(n => reach.Contains(i, n)).Select(n => n.Id).Order(StringComparer.Ordinal));
        Enumerable.Range(0, 2).Select(From).Order(StringComparer.Ordinal).ShouldBe(["a fork start", "b fork in out start"]);
        var s = new Scenario(graph);
        s.Start();
        s.Path.ShouldEndWith("join ask");
        s.History.OfType<ElementPassed>().Count(e => e.ElementId == "join").ShouldBe(1);
    }

    private static bool Leads(GraphNode from, GraphNode to, GraphNode without)
    {
        var (seen, open) = (new HashSet<GraphNode>(), new Stack<GraphNode>([from]));
        while (open.TryPop(out var node))
        {
            if (node == without || !seen.Add(node))
                continue;
            foreach (var flow in node.Outgoing)
                open.Push(flow.Target);
        }

        return seen.Contains(to);
    }

    private static ProcessCompilation Compile(byte[] file) => ProcessCompiler.Compile(new ProcessSources([new ProcessSource(ProcessSourceKind.Bpmn, "large.bpmn", file)]));

    private static long Bytes(byte[] file)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Compile(file);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static double Time(byte[] file)
    {
        var before = ThreadTime();
        Compile(file);
        return ThreadTime() - before;
    }

    /// <summary>Nanoseconds that this thread has had a processor.</summary>
    private static double ThreadTime() => double.Parse(System.IO.File.ReadAllText(Schedule).Split(' ')[0], CultureInfo.InvariantCulture);

    private static byte[] File(string shape, int n)
    {
        var file = new Drawing();
        switch (shape)
        {
            case "exclusive mesh":
                Mesh(file, n, "exclusiveGateway");
                break;
            case "inclusive mesh":
                Mesh(file, n, "inclusiveGateway");
                break;
            case "names":
                file.Chain(n, i => $"<scriptTask id='t{i}'><extensionElements><zeebe:script expression='=asked_{i}_for + 1' resultVariable='given_{i}_there'/></extensionElements></scriptTask>");
                break;
            case "links":
                file.Add("<startEvent id='s'/><inclusiveGateway id='g0'/>").Flow("s", "g0");
                for (var i = 0; i < n / 3; i++)
                {
                    file.Add($"<intermediateThrowEvent id='o{i}'><linkEventDefinition id='x{i}' name='L{i}'/></intermediateThrowEvent><intermediateCatchEvent id='i{i}'><linkEventDefinition id='y{i}' name='L{i}'/></intermediateCatchEvent>")
                        .Add($"<inclusiveGateway id='g{i + 1}'/>").Flow($"g{i}", $"o{i}").Flow($"g{i}", $"g{i + 1}", "=true").Flow($"i{i}", $"g{i + 1}");
                }

                break;
            case "sub-processes":
                file.Chain(n / 3, i => $"<subProcess id='t{i}'><startEvent id='a{i}'/><endEvent id='z{i}'/><sequenceFlow id='q{i}' sourceRef='a{i}' targetRef='z{i}'/></subProcess>");
                break;
            case "no start":
                for (var i = 0; i < n; i++)
                    file.Add($"<task id='t{i}'/>").Flow($"t{i}", $"t{Math.Min(i + 1, n - 1)}");
                break;
            case "one gateway":
                file.Add("<startEvent id='s'/><inclusiveGateway id='g'/><inclusiveGateway id='j'/>").Flow("s", "g");
                for (var i = 0; i < n / 2; i++)
                    file.Add($"<task id='t{i}'><incoming>g-t{i}</incoming></task>").Flow("g", $"t{i}", "=amount > 5").Flow($"t{i}", "j");
                break;
            default:
                file.Add("<startEvent id='s'/><task id='t'/>").Flow("s", "t");
                for (var i = 0; i < n / 2; i++)
                {
                    file.Add($"<boundaryEvent id='b{i}' attachedToRef='t' cancelActivity='false'><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent><task id='t{i}'/>")
                        .Flow($"b{i}", $"t{i}");
                }

                break;
        }

        return file.ToArray();
    }

    /// <summary>Every gateway leads to the next and to others all over the file.</summary>
    private static void Mesh(Drawing file, int n, string kind)
    {
        file.Add("<startEvent id='s'/><endEvent id='e'/>").Flow("s", "g0").Flow($"g{n / 2}", "e", "=amount = 0");
        for (var i = 0; i < n; i++)
            file.Add($"<{kind} id='g{i}' default='g{i}-g{(i + 1) % n}'/>").Flow($"g{i}", $"g{(i + 1) % n}").Flow($"g{i}", $"g{((i * 3) + 2) % n}", "=amount > " + i);
    }

    private sealed class Drawing
    {
        private readonly StringBuilder _text = new("<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' targetNamespace='x'><process id='p' isExecutable='true'>");
        private readonly HashSet<string> _flows = new(StringComparer.Ordinal);

        public Drawing Add(string elements)
        {
            _text.Append(elements);
            return this;
        }

        public Drawing Flow(string from, string to, string? condition = null)
        {
            if (_flows.Add($"{from}-{to}"))
                _text.Append($"<sequenceFlow id='{from}-{to}' sourceRef='{from}' targetRef='{to}'>{(condition is null ? "" : $"<conditionExpression>{condition.Replace(">", "&gt;", StringComparison.Ordinal)}</conditionExpression>")}</sequenceFlow>");
            return this;
        }

        public void Chain(int n, Func<int, string> element)
        {
            Add("<startEvent id='s'/>");
            for (var i = 0; i < n; i++)
                Add(element(i)).Flow(i == 0 ? "s" : $"t{i - 1}", $"t{i}");
        }

        public byte[] ToArray() => Encoding.UTF8.GetBytes(_text + "</process></definitions>");
    }
}
