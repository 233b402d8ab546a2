using Countersign.Feel.Values;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>Attempts to get out of the language: to host objects, files, processes, time zones' files, parsers.</summary>
public sealed class EscapeTests
{
    private static readonly string[] Roots = ["\"text\"", "1", "true", "null", "[1]", "{a: 1}", "@\"2026-01-01\"", "[1..2]", "(function(x) x)", "count", "variable"];

    private static readonly string[] Members =
    [
        "GetType()", "getClass()", "constructor", "__proto__", "prototype", "class", "Assembly", "ToString()", "Value", "Items", "Length", "length", "MemberwiseClone()",
        "Equals(1)", "GetHashCode()", "Parent", "Invoke(1)", "Kind", "_items",
    ];

    private static readonly string[] Others =
    [
        "System.IO.File.ReadAllText(\"/etc/passwd\")", "System.Diagnostics.Process.Start(\"sh\")", "System.Environment.Exit(1)", "global::System.Console.WriteLine(1)",
        "java.lang.Runtime.getRuntime().exec(\"id\")", "java.lang.System.exit(0)", "new System.Net.WebClient()", "typeof(string)", "eval(\"1\")", "exec(\"id\")",
        "import(\"fs\")", "require(\"fs\")", "process.env", "window.location", "this.constructor", "self", "globalThis", "${7*7}", "#{7*7}", "{{7*7}}", "<%= 7*7 %>",
        "function(a) external {java: {class: \"java.lang.Math\", method signature: \"cos(double)\"}}",
        "(function(a) external {java: {class: \"java.lang.Math\", method signature: \"cos(double)\"}})(1)",
        "@\"10:00:00@../../etc/passwd\"", "@\"10:00:00@/etc/passwd\"", "@\"10:00:00@Europe/../../../etc/passwd\"", "time(\"10:00:00@../tzdata\")",
        "date and time(\"2026-01-01T00:00:00@..\")", "range(\"[now()..now()]\")", "range(\"[variable..5]\")", "range(\"[(function(x) x)(1)..5]\")",
        "matches(\"a\", \"(?<=a)b\")", "matches(\"a\", \"(?>a)\")", "matches(\"a\", \"(?i)A\")", "matches(\"a\", \"\\\\1\")", "matches(\"a\", \"a{99999999}\")",
        "matches(\"a\", \"((a{500}){500}){500}\")", "replace(\"a\", \"a\", \"$&\")", "replace(\"a\", \"a\", \"${name}\")", "number(\"0x10\")", "number(\"Infinity\")", "number(\"NaN\")",
        "number(\"1e999999999\")", "duration(\"P99999999999999999999D\")", "date(99999999999, 1, 1)", "10 ** 999999999", "0 ** -1", "exp(999999)", "decimal(1, 999999999)",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>", "file(\"/etc/passwd\")", "document(\"/etc/passwd\")", "http(\"http://localhost\")", "load(\"x\")",
    ];

    public static TheoryData<string> Attempts => [.. Roots.SelectMany(r => Members.Select(m => $"{r}.{m}")).Concat(Others)];

    [Fact]
    public void There_are_at_least_two_hundred_attempts() => Attempts.Count.ShouldBeGreaterThanOrEqualTo(200);

    [Theory]
    [MemberData(nameof(Attempts))]
    public void An_attempt_to_escape_gives_nothing(string text)
    {
        var compiled = FeelExpression.Compile(text);
        if (compiled.Expression is null)
        {
            compiled.Errors.ShouldNotBeEmpty();
            return;
        }
        var result = compiled.Expression.Evaluate(FeelScope.Empty.With("variable", FeelContext.Of(("a", FeelValue.From(1)))), FeelOptions.Default);
        (result.Value.IsNull || result.Value is FeelList list && list.All(item => item.IsNull)).ShouldBeTrue($"{text} gave {result.Value}");
        (result.Failure is not null || !result.Warnings.IsEmpty).ShouldBeTrue(text);
    }
}
