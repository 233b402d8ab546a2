using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Countersign.Domain.Processes;
using Countersign.Domain.Processes.Import;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>Changed BPMN files: the compiler and the import answer with a graph or with errors, whatever is in a file.</summary>
public sealed class FileFuzzTests(ITestOutputHelper output)
{
    private const int Cases = 1500;

    private static readonly string[] Words = ["", "=", "=(", "${", "${a.b()}", "#{x}", "R/PT0S", "P1D", "-1", "0", "99999999999", "true", "p", "b", "=null", "\u0001", "&amp;", "]]>", "é", "* * * * * ?"];

    [Fact]
    public void Changed_files_never_crash_the_compiler_or_the_import()
    {
        // A failing run names its seed; the environment gives it back.
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 20260105;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var files = Seeds();
        int compiled = 0, refused = 0, unreadable = 0;
        for (var i = 0; i < Cases; i++)
        {
            var text = files[random.Next(files.Count)];
            for (var change = random.Next(1, 6); change > 0; change--)
                text = Change(text, random);
            var sources = new ProcessSources([new ProcessSource(ProcessSourceKind.Bpmn, "p.bpmn", Encoding.UTF8.GetBytes(text))]);
            try
            {
                var compilation = ProcessCompiler.Compile(sources);
                (compilation.Graph is null).ShouldBe(compilation.Findings.Any(f => f.Severity == FindingSeverity.Error));
                var import = ProcessImport.Import(sources);
                if (import.Bpmn is { } written)
                    ProcessCompiler.Compile(sources with { Files = [sources.Files[0] with { Content = written }] }).Succeeded.ShouldBeTrue("what an import gives can be published");
                else
                    import.Findings.ShouldContain(f => f.Severity == FindingSeverity.Error);
                compiled += compilation.Succeeded ? 1 : 0;
                refused += compilation.Succeeded ? 0 : 1;
                unreadable += compilation.Findings.Any(f => f.Rule.StartsWith("xml.", StringComparison.Ordinal)) ? 1 : 0;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed}, case {i}: {error.Message}\n{text}", error);
            }
        }

        output.WriteLine($"compiled {compiled}, refused {refused}, of them not XML {unreadable}");
        // Otherwise the changes are so rough that nothing behind the XML reader is reached.
        compiled.ShouldBeGreaterThan(Cases / 20);
        (refused - unreadable).ShouldBeGreaterThan(Cases / 4);
    }

    private static ImmutableArray<string> SeedTexts { get; } =
    [
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:cs="http://countersign.dev/schema/bpmn/1.0" targetNamespace="urn:t">
          <bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message>
          <bpmn:error id="err" errorCode="E" />
          <bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p" /></bpmn:collaboration>
          <bpmn:process id="p" isExecutable="true">
            <bpmn:startEvent id="b"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
            <bpmn:sequenceFlow id="f1" sourceRef="b" targetRef="s" />
            <bpmn:serviceTask id="s" camunda:class="a.B"><bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="x">${y}</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>
            <bpmn:boundaryEvent id="t" attachedToRef="s" cancelActivity="false"><bpmn:timerEventDefinition id="td"><bpmn:timeCycle>R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
            <bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e2" /><bpmn:endEvent id="e2"><bpmn:terminateEventDefinition /></bpmn:endEvent>
            <bpmn:sequenceFlow id="f3" sourceRef="s" targetRef="g" />
            <bpmn:exclusiveGateway id="g" default="f5" />
            <bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="u"><bpmn:conditionExpression>${a &gt; 1 &amp;&amp; !b}</bpmn:conditionExpression></bpmn:sequenceFlow>
            <bpmn:sequenceFlow id="f5" sourceRef="g" targetRef="w" />
            <bpmn:userTask id="u" camunda:assignee="${who}"><bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>
            <bpmn:sequenceFlow id="f6" sourceRef="u" targetRef="w" />
            <bpmn:receiveTask id="w" messageRef="m" />
            <bpmn:sequenceFlow id="f7" sourceRef="w" targetRef="sub" />
            <bpmn:subProcess id="sub"><bpmn:startEvent id="i" /><bpmn:sequenceFlow id="f8" sourceRef="i" targetRef="call" /><bpmn:callActivity id="call" calledElement="q" /><bpmn:sequenceFlow id="f9" sourceRef="call" targetRef="ie" /><bpmn:endEvent id="ie"><bpmn:errorEventDefinition errorRef="err" /></bpmn:endEvent></bpmn:subProcess>
            <bpmn:boundaryEvent id="x" attachedToRef="sub"><bpmn:errorEventDefinition errorRef="err" /></bpmn:boundaryEvent>
            <bpmn:sequenceFlow id="f10" sourceRef="x" targetRef="e" /><bpmn:sequenceFlow id="f11" sourceRef="sub" targetRef="eg" />
            <bpmn:eventBasedGateway id="eg" /><bpmn:sequenceFlow id="f12" sourceRef="eg" targetRef="c1" /><bpmn:sequenceFlow id="f13" sourceRef="eg" targetRef="c2" />
            <bpmn:intermediateCatchEvent id="c1"><bpmn:messageEventDefinition messageRef="m" /></bpmn:intermediateCatchEvent><bpmn:intermediateCatchEvent id="c2"><bpmn:timerEventDefinition><bpmn:timeDuration>=wait</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
            <bpmn:sequenceFlow id="f14" sourceRef="c1" targetRef="e" /><bpmn:sequenceFlow id="f15" sourceRef="c2" targetRef="e" />
            <bpmn:endEvent id="e" />
          </bpmn:process>
        </bpmn:definitions>
        """,
    ];

    /// <summary>Our own file, and files of other tools where they are on the machine.</summary>
    private static List<string> Seeds()
    {
        List<string> seeds = [.. SeedTexts];
        if (Places.Data("processes") is { } folder)
            seeds.AddRange(Directory.EnumerateFiles(Path.Combine(folder, "bpmn-must-reject"), "*.bpmn").Concat(Directory.EnumerateFiles(Path.Combine(folder, "bpmn-business"), "*.bpmn", SearchOption.AllDirectories))
                .Order(StringComparer.Ordinal).Where((_, i) => i % 6 == 0).Select(File.ReadAllText).Where(t => t.Length < 60_000));
        return seeds;
    }

    /// <summary>Takes a tag out, doubles it, moves it, changes an attribute or text, or cuts a character: mostly well-formed, rarely right.</summary>
    private static string Change(string text, Random random)
    {
        var at = text.IndexOf('<', random.Next(text.Length));
        var end = at < 0 ? -1 : text.IndexOf('>', at);
        if (end < 0)
            return text;
        var tag = text[at..(end + 1)];
        var isWhole = tag.EndsWith("/>", StringComparison.Ordinal);
        switch (random.Next(isWhole ? 6 : 4))
        {
            case 0 or 1 when tag.IndexOf('"') is > 0 and var open && tag.IndexOf('"', open + 1) is > 0 and var close:
                return string.Concat(text.AsSpan(0, at + open + 1), Words[random.Next(Words.Length)].Replace("]]>", "x", StringComparison.Ordinal), text.AsSpan(at + close));
            case 2 when text.IndexOf('<', end) is > 0 and var next:
                return string.Concat(text.AsSpan(0, end + 1), Words[random.Next(Words.Length)], text.AsSpan(next));
            case 3 when random.Next(8) == 0:
                return text.Remove(random.Next(text.Length), 1);
            case 4:
                return text.Remove(at, tag.Length);
            case 5:
                return text.Insert(text.IndexOf('<', at) is var again && random.Next(2) == 0 ? again : Math.Max(at, text.LastIndexOf("</", StringComparison.Ordinal)), tag);
            default:
                return text;
        }
    }
}
