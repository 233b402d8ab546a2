using Countersign.Feel.Functions;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

public sealed class FunctionTests
{
    public static TheoryData<string> Names => [.. BuiltIns.All.Select(f => f.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_functions_example_gives_what_its_page_says(string name)
    {
        var function = BuiltIns.Find(name)!;
        function.Summary.ShouldEndWith(".");
        function.Example.ShouldContain(name + "(");
        var options = new FeelOptions { Now = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero) };
        var expected = Feel.Value(function.Result);
        Feel.Value(function.Example, null, options).ShouldBe(expected, function.Example);
        expected.IsNull.ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_function_called_wrongly_is_null_with_a_warning(string name)
    {
        var result = Feel.Evaluate($"{name}(1, 2, 3, 4, 5, 6, 7, 8, 9, function(x) x)");
        if (result.Value.IsNull)
            result.Warnings.ShouldNotBeEmpty(name);
    }
}
