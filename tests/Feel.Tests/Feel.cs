using System.Text.Json;
using Countersign.Feel.Values;
using Shouldly;

namespace Countersign.Feel.Tests;

/// <summary>Short ways to evaluate.</summary>
internal static class Feel
{
    public static FeelValue Value(string text, FeelScope? scope = null, FeelOptions? options = null)
    {
        var result = Evaluate(text, scope, options);
        result.Failure.ShouldBeNull(text);
        return result.Value;
    }

    public static FeelResult Evaluate(string text, FeelScope? scope = null, FeelOptions? options = null)
    {
        var compiled = FeelExpression.Compile(text);
        compiled.Errors.ShouldBeEmpty(text);
        return compiled.Expression!.Evaluate(scope ?? FeelScope.Empty, options ?? FeelOptions.Default);
    }

    public static FeelScope Json(string text)
        => FeelScope.FromJson(JsonDocument.Parse(text).RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal));
}
