using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Feel;
using Countersign.Feel.Checks;

namespace Countersign.Domain.Processes;

/// <summary>A text of a process that is FEEL when it begins with <c>=</c>, and itself otherwise. Compiled once, evaluated often.</summary>
internal sealed class ProcessExpression
{
    private readonly FeelExpression? _feel;
    private readonly JsonElement _literal;

    private ProcessExpression(string text, FeelExpression? feel)
    {
        Text = text;
        _feel = feel;
        _literal = feel is null ? Json.Of(text) : default;
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Whether it is FEEL.</summary>
    public bool IsFeel => _feel is not null;

    /// <summary>The variables it takes; none when it is not FEEL.</summary>
    public ImmutableArray<string> Names => _feel?.Names ?? [];

    /// <summary>Mistakes that can be seen without values.</summary>
    public ImmutableArray<FeelFinding> Check() => _feel?.Check(FeelKnownNames.None) ?? [];

    /// <summary>A text that stands for itself.</summary>
    public static ProcessExpression Literal(string text) => new(text, null);

    /// <summary>Compiles a text; null with a sentence when its FEEL is wrong.</summary>
    public static ProcessExpression? Compile(string text, out string? problem)
    {
        problem = null;
        var trimmed = text.Trim();
        if (!trimmed.StartsWith('='))
            return new ProcessExpression(trimmed, null);
        var compilation = FeelExpression.Compile(trimmed[1..]);
        if (compilation.Expression is { } expression)
            return new ProcessExpression(trimmed, expression);
        var first = compilation.Errors[0];
        problem = string.Create(CultureInfo.InvariantCulture, $"at character {first.Position + 1}: {first.Message}");
        return null;
    }

    /// <summary>Evaluates; a sentence when the evaluation was ended by its budget. What cannot be computed is null, as FEEL says.</summary>
    public string? Evaluate(VariableScope scope, DateTimeOffset now, int steps, out JsonElement value)
    {
        if (_feel is null)
        {
            value = _literal;
            return null;
        }

        var result = _feel.Evaluate(scope.ToFeel(), FeelBudgets.Options(now, steps));
        if (result.Failure is { } failure)
        {
            value = default;
            return failure.Message;
        }

        value = result.Value.ToJson();
        return null;
    }
}

/// <summary>What an evaluation inside a process may know and spend.</summary>
internal static class FeelBudgets
{
    public static FeelOptions Options(DateTimeOffset now, int steps) =>
        new() { Now = now, Budget = FeelBudget.Default with { Steps = steps } };
}
