using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>What was published by a version of the service that checked less runs on.</summary>
public sealed class PublishedVersionTests
{
    [Theory]
    [InlineData("start.several", """<bpmn:startEvent id="s"/><bpmn:startEvent id="s2"/><bpmn:task id="a"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="s2" targetRef="a"/>""")]
    [InlineData("flow.from-end", """<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/><bpmn:task id="a"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/><bpmn:sequenceFlow id="f2" sourceRef="e" targetRef="a"/>""")]
    [InlineData("timer.variable", """<bpmn:startEvent id="s"/><bpmn:startEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDate>=order.due</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:startEvent><bpmn:task id="a"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="a"/>""")]
    public void A_check_that_came_later_does_not_stop_it(string rule, string inside)
    {
        var sources = Sources(inside);
        var published = ProcessCompiler.CompilePublished(sources);
        ProcessCompiler.Compile(sources).Graph.ShouldBeNull("it could not be published today");
        published.Findings.ShouldContain(f => f.Rule == rule && f.Severity == FindingSeverity.Error);
        var graph = published.Graph.ShouldNotBeNull();
        graph.Hash.ShouldBe(sources.Hash());
        var start = new StartInstance("acmefinance", Guid.Parse("01980000-0000-7000-8000-000000000001"), Actor.System, "p:1", System.Collections.Immutable.ImmutableDictionary<string, System.Text.Json.JsonElement>.Empty);
        var facts = Engine.Decide(graph, null, start, DecideContext.Empty, DateTimeOffset.UnixEpoch).ShouldBeOfType<Outcome.Facts>();
        facts.Events.OfType<InstanceCompleted>().ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("element.not-run", """<bpmn:startEvent id="s"/><bpmn:complexGateway id="a"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/>""")]
    [InlineData("feel.syntax", """<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="a"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/><bpmn:task id="b"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="b"><bpmn:conditionExpression>=1 +</bpmn:conditionExpression></bpmn:sequenceFlow>""")]
    [InlineData("flow.dangling-target", """<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/>""")]
    [InlineData("element.duplicate-id", """<bpmn:startEvent id="s"/><bpmn:task id="s"/>""")]
    [InlineData("link.target", """<bpmn:startEvent id="s"/><bpmn:intermediateThrowEvent id="l"><bpmn:linkEventDefinition name="away"/></bpmn:intermediateThrowEvent><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="l"/>""")]
    public void What_cannot_be_run_as_it_was_drawn_is_never_left_out(string rule, string inside)
    {
        var published = ProcessCompiler.CompilePublished(Sources(inside));
        published.Graph.ShouldBeNull();
        published.Findings.ShouldContain(f => f.Rule == rule && f.Severity == FindingSeverity.Error);
    }

    [Fact]
    public void Real_models_give_the_same_graph_and_those_that_break_a_rule_never_throw()
    {
        var folder = Places.Data("processes/bpmn-must-reject");
        if (folder is null)
            Assert.Skip("The real models are not on this machine (../shared/data/processes).");
        var built = 0;
        foreach (var file in Directory.EnumerateFiles(folder, "*.bpmn", SearchOption.AllDirectories))
        {
            var sources = new ProcessSources([new ProcessSource(ProcessSourceKind.Bpmn, "p.bpmn", File.ReadAllBytes(file))]);
            var full = ProcessCompiler.Compile(sources).Graph;
            var published = ProcessCompiler.CompilePublished(sources).Graph;
            built += published is null ? 0 : 1;
            if (full is not null)
                published.ShouldNotBeNull().Nodes.Select(n => n.Id).ShouldBe(full.Nodes.Select(n => n.Id));
        }

        built.ShouldBeGreaterThan(40);
    }

    private static ProcessSources Sources(string inside) => ProcessSources.OfBpmn($"""
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><bpmn:process id="p" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>
        """);
}
