using System.Text;
using Countersign.Feel.Dmn;
using Countersign.Feel.Values;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

public sealed class DmnModelTests
{
    private const string Current = "https://www.omg.org/spec/DMN/20230324/MODEL/";

    [Theory]
    [InlineData("http://www.omg.org/spec/DMN/20151101/dmn.xsd")]
    [InlineData("http://www.omg.org/spec/DMN/20180521/MODEL/")]
    [InlineData("https://www.omg.org/spec/DMN/20191111/MODEL/")]
    [InlineData("https://www.omg.org/spec/DMN/20211108/MODEL/")]
    [InlineData(Current)]
    public void Models_of_all_versions_are_read(string version)
        => Evaluate(Table("FIRST", "", "<rule id='r1'><inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>\"small\"</text></outputEntry></rule>"), 3, version).Value.ShouldBe(FeelValue.From("small"));

    [Fact]
    public void A_table_says_which_rules_matched_on_which_inputs()
    {
        var result = Evaluate(Table("COLLECT", "", Rules), 7);
        var trace = result.Tables.ShouldHaveSingleItem();
        trace.TableId.ShouldBe("table");
        trace.DecisionName.ShouldBe("D");
        trace.MatchedRuleIds.ShouldBe(["low", "rule-3"]);
        trace.Inputs.ShouldHaveSingleItem().Name.ShouldBe("n");
        trace.Inputs[0].Value.ShouldBe(FeelValue.From(7));
        trace.Outputs.ToString().ShouldBe("[\"b\", \"a\"]");
    }

    [Theory]
    [InlineData("UNIQUE", "", 7, "null")]
    [InlineData("UNIQUE", "", 50, "\"b\"")]
    [InlineData("FIRST", "", 7, "\"b\"")]
    [InlineData("PRIORITY", "", 7, "\"a\"")]
    [InlineData("ANY", "", 7, "null")]
    [InlineData("COLLECT", "", 7, "[\"b\", \"a\"]")]
    [InlineData("COLLECT", "aggregation='COUNT'", 7, "2")]
    [InlineData("COLLECT", "aggregation='MIN'", 7, "\"a\"")]
    [InlineData("COLLECT", "aggregation='MAX'", 7, "\"b\"")]
    [InlineData("RULE ORDER", "", 7, "[\"b\", \"a\"]")]
    [InlineData("OUTPUT ORDER", "", 7, "[\"a\", \"b\"]")]
    [InlineData("FIRST", "", 500, "null")]
    [InlineData("COLLECT", "", 500, "[]")]
    [InlineData("COLLECT", "aggregation='COUNT'", 500, "0")]
    public void Every_hit_policy_answers_as_the_standard_says(string policy, string more, int n, string expected)
        => Evaluate(Table(policy, more, Rules), n).Value.ShouldBe(Feel.Value(expected));

    [Fact]
    public void The_winner_of_a_priority_table_is_the_rule_named()
        => Evaluate(Table("PRIORITY", "", Rules), 7).Tables[0].MatchedRuleIds.ShouldBe(["rule-3"]);

    [Fact]
    public void The_sample_gate_names_its_rule()
    {
        var path = Repository("samples/invoice/gate.dmn");
        Assert.SkipWhen(path is null, "The sample pack is not in this checkout.");
        var loaded = DmnModel.Load(File.ReadAllBytes(path!));
        loaded.Diagnostics.ShouldBeEmpty();
        DmnResult Decide(string json) => loaded.Model!.Evaluate("gate", Feel.Json(json), FeelOptions.Default);
        var sure = Decide("""{"confidence": 0.95, "impact": 800, "failed": [], "corrected": false}""");
        sure.Tables[0].MatchedRuleIds.ShouldBe(["sure-and-small"]);
        sure.Value.ToJson().GetProperty("verdict").GetString().ShouldBe("accept");
        Decide("""{"confidence": 0.95, "impact": 10000, "failed": [], "corrected": false}""").Tables[0].MatchedRuleIds.ShouldBe(["above-limit"]);
        Decide("""{"confidence": 0.99, "impact": 5, "failed": ["duplicate_invoice"], "corrected": false}""").Tables[0].MatchedRuleIds.ShouldBe(["duplicate"]);
        Decide("{}").Tables[0].MatchedRuleIds.ShouldBe(["otherwise"]);
    }

    [Theory]
    [InlineData("<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/'>&e;</definitions>")]
    [InlineData("<definitions xmlns='urn:other'/>")]
    [InlineData("<html/>")]
    [InlineData("<definitions")]
    [InlineData("")]
    [InlineData("not xml")]
    public void What_is_no_model_is_refused_with_a_sentence(string text)
    {
        var loaded = DmnModel.Load(Encoding.UTF8.GetBytes(text));
        loaded.Model.ShouldBeNull();
        loaded.Succeeded.ShouldBeFalse();
        loaded.Diagnostics.ShouldHaveSingleItem().Message.Length.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Deep_and_large_documents_are_refused()
    {
        var deep = $"<definitions xmlns='{Current}'>" + string.Concat(Enumerable.Repeat("<context>", 500)) + string.Concat(Enumerable.Repeat("</context>", 500)) + "</definitions>";
        DmnModel.Load(Encoding.UTF8.GetBytes(deep)).Diagnostics[0].Message.ShouldContain("deeper");
        DmnModel.Load(new byte[100], new DmnLoadOptions { MaxBytes = 50 }).Diagnostics[0].Message.ShouldContain("larger");
    }

    [Fact]
    public void An_error_in_a_cell_names_the_element_and_leaves_the_rest_working()
    {
        var model = Model("<decision id='good' name='Good'><literalExpression><text>1 + 1</text></literalExpression></decision>"
            + "<decision id='bad' name='Bad'><literalExpression id='cell'><text>1 +</text></literalExpression></decision>");
        var loaded = DmnModel.Load(model);
        loaded.Succeeded.ShouldBeFalse();
        loaded.Diagnostics.ShouldHaveSingleItem().ElementId.ShouldBe("cell");
        loaded.Diagnostics[0].Expression!.Position.ShouldBe(3);
        loaded.Model!.Evaluate("good", FeelScope.Empty, FeelOptions.Default).Value.ShouldBe(FeelValue.From(2));
        var bad = loaded.Model.Evaluate("Bad", FeelScope.Empty, FeelOptions.Default);
        bad.Value.IsNull.ShouldBeTrue();
        bad.Warnings.ShouldNotBeEmpty();
    }

    [Fact]
    public void Decisions_that_need_each_other_are_found()
    {
        var loaded = DmnModel.Load(Model(
            "<decision id='a' name='A'><informationRequirement><requiredDecision href='#b'/></informationRequirement><literalExpression><text>B</text></literalExpression></decision>"
            + "<decision id='b' name='B'><informationRequirement><requiredDecision href='#a'/></informationRequirement><literalExpression><text>A</text></literalExpression></decision>"));
        loaded.Diagnostics.ShouldContain(d => d.Message.Contains("needs itself", StringComparison.Ordinal));
        loaded.Model!.Evaluate("A", FeelScope.Empty, FeelOptions.Default).Value.IsNull.ShouldBeTrue();
    }

    [Fact]
    public void Missing_requirements_imports_types_and_java_are_reported()
    {
        var loaded = DmnModel.Load(Model(
            $"<import namespace='urn:gone' name='gone' importType='{Current}'/>"
            + "<decision id='a' name='A'><variable name='A' typeRef='tNone'/><informationRequirement><requiredInput href='#x'/></informationRequirement><literalExpression><text>1</text></literalExpression></decision>"
            + "<businessKnowledgeModel id='j' name='J'><encapsulatedLogic kind='Java'><context/></encapsulatedLogic></businessKnowledgeModel>"));
        loaded.Diagnostics.Select(d => d.Message).ShouldSatisfyAllConditions(
            m => m.ShouldContain(x => x.Contains("urn:gone", StringComparison.Ordinal)),
            m => m.ShouldContain(x => x.Contains("#x", StringComparison.Ordinal)),
            m => m.ShouldContain(x => x.Contains("tNone", StringComparison.Ordinal)),
            m => m.ShouldContain(x => x.Contains("Java", StringComparison.Ordinal)));
    }

    [Fact]
    public void Types_convert_and_refuse()
    {
        var loaded = DmnModel.Load(Model(
            "<itemDefinition name='tLevel'><typeRef>string</typeRef><allowedValues><text>\"low\", \"high\"</text></allowedValues></itemDefinition>"
            + "<itemDefinition name='tSelf'><typeRef>tSelf</typeRef></itemDefinition>"
            + "<inputData id='i' name='level'><variable name='level' typeRef='tLevel'/></inputData>"
            + "<decision id='d' name='D'><informationRequirement><requiredInput href='#i'/></informationRequirement><literalExpression><text>level</text></literalExpression></decision>"
            + "<decision id='l' name='L'><variable name='L' typeRef='string'/><literalExpression><text>[\"one\"]</text></literalExpression></decision>"
            + "<decision id='n' name='N'><variable name='N' typeRef='number'/><literalExpression><text>\"no number\"</text></literalExpression></decision>"));
        loaded.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("tSelf");
        FeelValue Value(string decision, string json) => loaded.Model!.Evaluate(decision, Feel.Json(json), FeelOptions.Default).Value;
        Value("D", """{"level": "high"}""").ShouldBe(FeelValue.From("high"));
        Value("D", """{"level": "middle"}""").IsNull.ShouldBeTrue();
        Value("L", "{}").ShouldBe(FeelValue.From("one"));
        Value("N", "{}").IsNull.ShouldBeTrue();
    }

    [Fact]
    public void A_model_cannot_pass_its_budget()
    {
        var loaded = DmnModel.Load(Model("<decision id='d' name='D'><literalExpression><text>some i in 1..1000000000 satisfies i &lt; 0</text></literalExpression></decision>"
            + "<businessKnowledgeModel id='f' name='F'><encapsulatedLogic><formalParameter name='n'/><literalExpression><text>F(n + 1)</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
            + "<decision id='e' name='E'><knowledgeRequirement><requiredKnowledge href='#f'/></knowledgeRequirement><literalExpression><text>F(0)</text></literalExpression></decision>"));
        loaded.Model!.Evaluate("D", FeelScope.Empty, FeelOptions.Default).Failure!.Reason.ShouldBe(FeelFailureReason.Steps);
        loaded.Model.Evaluate("E", FeelScope.Empty, FeelOptions.Default).Failure!.Reason.ShouldBe(FeelFailureReason.Depth);
    }

    [Fact]
    public void A_decision_sees_what_it_requires_and_what_the_model_does_not_declare()
    {
        var loaded = DmnModel.Load(Model("<inputData id='a' name='a'/><inputData id='b' name='b'/>"
            + "<decision id='d' name='D'><informationRequirement><requiredInput href='#a'/></informationRequirement><literalExpression><text>[a, b, c]</text></literalExpression></decision>"));
        loaded.Model!.Evaluate("D", Feel.Json("""{"a": 1, "b": 2, "c": 3}"""), FeelOptions.Default).Value.ShouldBe(Feel.Value("[1, null, 3]"));
    }

    [Fact]
    public void The_document_comes_back_byte_for_byte()
    {
        var bytes = Model("<!-- kept --><decision id='d' name='D'/>  <extensionElements><x xmlns='urn:x'/></extensionElements>");
        DmnModel.Load(bytes).Model!.Xml.ToArray().ShouldBe(bytes);
    }

    [Fact]
    public void A_model_evaluates_on_many_threads_at_once()
    {
        var model = DmnModel.Load(Model(Table("FIRST", "", Rules))).Model!;
        Parallel.For(0, 2_000, i => model.Evaluate("D", FeelScope.Empty.With("n", FeelValue.From(i % 60)), FeelOptions.Default).Value.ShouldBe(FeelValue.From("b")));
    }

    private const string Rules = """
        <rule id='low'><inputEntry><text>&lt; 100</text></inputEntry><outputEntry><text>"b"</text></outputEntry></rule>
        <rule id='none'><inputEntry><text>200</text></inputEntry><outputEntry><text>"b"</text></outputEntry></rule>
        <rule><inputEntry><text>[5..10]</text></inputEntry><outputEntry><text>"a"</text></outputEntry></rule>
        """;

    private static string Table(string policy, string more, string rules)
        => $"<inputData id='n' name='n'/><decision id='d' name='D'><informationRequirement><requiredInput href='#n'/></informationRequirement><decisionTable id='table' hitPolicy='{policy}' {more}>"
            + "<input><inputExpression><text>n</text></inputExpression></input><output><outputValues><text>\"a\", \"b\", \"small\"</text></outputValues></output>" + rules + "</decisionTable></decision>";

    private static DmnResult Evaluate(string content, int n, string version = Current)
    {
        var loaded = DmnModel.Load(Model(content, version));
        loaded.Diagnostics.ShouldBeEmpty();
        return loaded.Model!.Evaluate("D", Feel.Json($"{{\"n\": {n}}}"), FeelOptions.Default);
    }

    private static byte[] Model(string content, string version = Current)
        => Encoding.UTF8.GetBytes($"<definitions xmlns='{version}' id='m' name='M' namespace='urn:m'>{content}</definitions>");

    private static string? Repository(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                return File.Exists(Path.Combine(folder.FullName, path)) ? Path.Combine(folder.FullName, path) : null;
        }
        return null;
    }
}
