using System.Text;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Processes.Import;
using Countersign.Domain.Tests.Instances;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>JUEL that is read as it stands: what is, what is not, and that it runs as in the other engine.</summary>
public sealed class JuelTests
{
    [Theory]
    [InlineData("${order.customer.name}", "order.customer.name")]
    [InlineData("#{ approved }", "approved")]
    [InlineData("${map['key'].x}", "map.key.x")]
    [InlineData("${clarified == 'yes'}", "clarified = \"yes\"")]
    [InlineData("${path eq 2}", "path = 2")]
    [InlineData("${order != null}", "order != null")]
    [InlineData("${amount > 1000}", "(amount != null and amount > 1000)")]
    [InlineData("${-5 le a}", "(a != null and -5 <= a)")]
    [InlineData("${a >= b}", "(a = null and b = null or (a != null and b != null and a >= b))")]
    [InlineData("${not approved}", "(approved = null or not(approved))")]
    [InlineData("${!(a == 'x')}", "not((a = \"x\"))")]
    [InlineData("${a && (b || c == 1)}", "(a != null and a) and ((b != null and b) or c = 1)")]
    [InlineData("${true}", "true")]
    [InlineData("  ${None}\n", "None")]
    [InlineData("${'it\\'s \"5\" } \\\\'}", "\"it's \\\"5\\\" } \\\\\"")]
    [InlineData("${andy == order_2}", "andy = order_2")]
    [InlineData("${dateTime().plusMonths(1).toDate()}", "now() + duration(\"P1M\")")]
    public void What_means_the_same_is_read(string juel, string feel) => (Juel.Read(juel).Feel?.Text, Juel.Read(juel).Problem).ShouldBe((feel, null));

    [Theory]
    [InlineData("${execution.getVariable(\"x\")}", "'execution' is an object of the other engine.")]
    [InlineData("${bean.decide(order)}", "'.decide(…)' calls code.")]
    [InlineData("${list.isEmpty()}", "'.isEmpty(…)' calls code.")]
    [InlineData("${order.prop('x').numberValue()}", "'.prop(…)' calls code.")]
    [InlineData("${currentUser()}", "'currentUser' is an object of the other engine.")]
    [InlineData("${S(x)}", "'S(…)' calls code.")]
    [InlineData("${${a}}", "There is text around the expression.")]
    [InlineData("${a}${b}", "There is text around the expression.")]
    [InlineData("order-${id}", "It is not one expression in '${' and '}'.")]
    [InlineData("${a", "It does not end.")]
    [InlineData("${'}", "It does not end.")]
    [InlineData("${}", "It is not complete.")]
    [InlineData("$", "It is not one expression in '${' and '}'.")]
    [InlineData("${a}}", "There is text around the expression.")]
    [InlineData("${a{b}", "'{' is not expected at character 2.")]
    [InlineData("${größe}", "'ö' is not expected at character 3.")]
    [InlineData("${変数 == 1}", "'変' is not expected at character 1.")]
    [InlineData("${if}", "One of its names is a word of FEEL.")]
    [InlineData("${for > 1}", "One of its names is a word of FEEL.")]
    [InlineData("${date}", "One of its names is a word of FEEL.")]
    [InlineData("${count == 1}", "One of its names is a word of FEEL.")]
    [InlineData("${and}", "'and' cannot be a variable there.")]
    [InlineData("${mod == 1}", "'mod' cannot be a variable there.")]
    [InlineData("${empty list}", "'empty' asks for several things at once; FEEL needs to know which.")]
    [InlineData("${a b}", "'b' is not expected at character 3.")]
    [InlineData("${a.}", "A name is missing after '.'.")]
    [InlineData("${a + 1}", "It calculates, and nothing and texts count as numbers there.")]
    [InlineData("${-a > 1}", "It calculates, and nothing and texts count as numbers there.")]
    [InlineData("${a ? 1 : 2}", "A choice of two takes what is neither true nor false as false.")]
    [InlineData("${a == b == c}", "It compares something else than variables, texts and numbers.")]
    [InlineData("${!a == b}", "It compares something else than variables, texts and numbers.")]
    [InlineData("${a > null}", "It asks whether something is less or more than nothing.")]
    [InlineData("${a && 'x'}", "'and' and 'or' are given something that is neither true nor false.")]
    [InlineData("${!5}", "'not' is given something that is neither true nor false.")]
    [InlineData("${items[0]}", "Positions count from 0 there and from 1 here.")]
    [InlineData("${items[i]}", "Only a fixed name or position can stand in '[]'.")]
    [InlineData("${a == 'x\\n'}", "'\\n' is no sign of a text there.")]
    [InlineData("${nrOfCompletedInstances == 1}", "'nrOfCompletedInstances' is called 'numberOfCompletedInstances' here.")]
    [InlineData("${loopCounter == 1}", "'loopCounter' counts from 0 there and from 1 here.")]
    [InlineData("${now().plusDays(1)}", "A date is asked for something there.")]
    [InlineData("${dateTime()}", "It gives no date there: '.toDate()' is missing.")]
    public void What_means_something_else_is_named(string juel, string problem) => (Juel.Read(juel).Feel?.Text, Juel.Read(juel).Problem).ShouldBe((null, problem));

    [Fact]
    public void Long_and_deep_texts_are_refused_without_a_crash()
    {
        Juel.Read("${" + new string('a', 100_000) + "}").Problem!.ShouldContain("longer than 2000");
        Juel.Read("${" + new string('(', 1900) + "a}").Problem.ShouldBe("It is nested too deep.");
        Juel.Read("${" + new string('!', 1900) + "a}").Problem.ShouldBe("It is nested too deep.");
        var many = Juel.Read("${" + string.Join("||", Enumerable.Repeat("a", 600)) + "}");
        many.Feel.ShouldNotBeNull(many.Problem);
    }

    [Fact]
    public void Whatever_stands_in_a_condition_the_file_runs_or_the_flow_is_named()
    {
        string[] words = ["${", "#{", "}", "(", ")", "a", "b.c", "if", "in", ".", "[", "]", "'", "\"", "\\", " and ", "!", "==", " > ", "5", "-", "?", ":", "x y", "date", "\u00e4", "\ud83d\ude00", "&&", "null", "execution", "\u0085"];
        var read = 0;
        Gen.Int[0, words.Length - 1].Array[1, 9].Sample(parts =>
        {
            var text = "${" + string.Concat(parts.Select(i => words[i])) + "}";
            var compilation = ProcessCompiler.Compile(Sources(Gateway(text)));
            if (compilation.Graph is null)
                compilation.Findings.ShouldContain(f => f.Severity == FindingSeverity.Error && f.Rule == "flow.condition-language" && f.ElementId == "yes" && f.Remedy.Length > 0, text);
            else
                Interlocked.Increment(ref read);
        }, iter: 1000, threads: 1);
        read.ShouldBeGreaterThan(0, "the texts made must not all be nonsense");
    }

    [Theory]
    [InlineData("${approved}", true, "yes")]
    [InlineData("${approved}", false, "no")]
    [InlineData("${!approved}", null, "yes")]
    [InlineData("${approved == null}", null, "yes")]
    [InlineData("${approved > 5}", null, "no")]
    [InlineData("${approved > 5}", 6, "yes")]
    [InlineData("${approved != 'x'}", null, "yes")]
    [InlineData("#{approved == 'x' || approved == 'y'}", "y", "yes")]
    public void A_condition_runs_as_it_would_there(string juel, object? value, string way)
    {
        var s = new Scenario(Graph(Gateway(juel)));
        s.Start(("approved", value));
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<ElementPassed>().Single(e => e.ElementId == "g").To.ShouldBe([way]);
    }

    [Theory]
    [InlineData("${approved}", null, "It gives nothing, not true or false.")]
    [InlineData("${approved}", "maybe", "It gives a text, not true or false.")]
    [InlineData("${!approved}", "maybe", "not")]
    [InlineData("${approved > 5}", "6", "cannot be compared")]
    [InlineData("${approved == 5}", "5", "cannot be compared")]
    [InlineData("${approved && other}", true, "There is no 'other' here.")]
    [InlineData("${other}", true, "There is no 'other' here.")]
    [InlineData("${!other}", true, "There is no 'other' here.")]
    [InlineData("${other == null}", true, "There is no 'other' here.")]
    [InlineData("${approved.name == 'x'}", true, "has no 'name'")]
    public void Where_the_other_engine_stops_an_incident_says_so_and_a_correction_lets_it_go_on(string juel, object? value, string sentence)
    {
        var s = new Scenario(Graph(Gateway(juel)));
        s.Start(("approved", value));
        var incident = s.Incident().Incident;
        incident.Code.ShouldBe("condition.failed");
        incident.Message.ShouldContain(sentence);
        s.Set(("approved", juel.Contains("name", StringComparison.Ordinal) ? new { name = "x" } : juel.Contains('5') ? 6 : false), ("other", false));
        s.RetryIncident();
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Random_conditions_never_go_another_way_than_there()
    {
        var scenario = new Scenario(Graph(Gateway("${a}")));
        scenario.Start(("z", 1));
        int decided = 0, stopped = 0;
        Gen.Select(JuelOracle.Conditions(3), JuelOracle.Variables).Sample((condition, variables) =>
        {
            var reading = Juel.Read("${" + condition.Text + "}");
            reading.Feel.ShouldNotBeNull(condition.Text + ": " + reading.Problem);
            var expression = ProcessExpression.Compile(ExpressionText.Mark("${" + condition.Text + "}", isCondition: true), out _)!;
            var given = Scenario.Vars([.. variables.Select(v => (v.Key, v.Value))]);
            var problem = expression.Evaluate(new VariableScope(scenario.Live, InstanceState.RootScope, given), Scenario.Monday, 10_000, out var value, out _);
            var there = condition.Evaluate(variables);
            if (problem is not null)
                (there.Stopped || there.Coerced).ShouldBeTrue($"{condition.Text} with {System.Text.Json.JsonSerializer.Serialize(variables)} is {there.Value} there: {problem}");
            else if (!there.Stopped)
                value.GetBoolean().ShouldBe(there.Value, $"{condition.Text} with {System.Text.Json.JsonSerializer.Serialize(variables)}");
            Interlocked.Increment(ref problem is null ? ref decided : ref stopped);
        }, iter: 5000, threads: 1);
        Math.Min(decided, stopped).ShouldBeGreaterThan(500, "both must be looked at");
    }

    internal static ProcessSources Sources(string bpmn) => new([new ProcessSource(ProcessSourceKind.Bpmn, "process.bpmn", Encoding.UTF8.GetBytes(bpmn))]);

    internal static ProcessGraph Graph(string bpmn)
    {
        var compilation = ProcessCompiler.Compile(Sources(bpmn));
        return compilation.Graph.ShouldNotBeNull(string.Join('\n', compilation.Findings));
    }

    internal static string Gateway(string condition) => File($"""
        <bpmn:startEvent id="b" /><bpmn:exclusiveGateway id="g" default="no" /><bpmn:endEvent id="e" /><bpmn:sequenceFlow id="f" sourceRef="b" targetRef="g" />
        <bpmn:sequenceFlow id="yes" sourceRef="g" targetRef="e"><bpmn:conditionExpression>{System.Security.SecurityElement.Escape(condition)}</bpmn:conditionExpression></bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="no" sourceRef="g" targetRef="e" />
        """);

    internal static string File(string inside, string before = "") => $"""
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="urn:t">
        {before}<bpmn:process id="p" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>
        """;
}
