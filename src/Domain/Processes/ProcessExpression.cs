using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes.Import;
using Countersign.Feel;
using Countersign.Feel.Checks;

namespace Countersign.Domain.Processes;

/// <summary>A text of a process: FEEL, JUEL read as FEEL, or itself (<see cref="ExpressionText"/> tells them apart). Compiled once, evaluated often.</summary>
internal sealed class ProcessExpression
{
    private readonly FeelExpression? _feel;
    private readonly JsonElement _literal;
    private readonly bool _isJuel;
    private readonly bool _isTruth;

    private ProcessExpression(string text, FeelExpression? feel, bool isJuel = false, bool isTruth = false)
    {
        Text = text;
        _feel = feel;
        _isJuel = isJuel;
        _isTruth = isTruth;
        _literal = feel is null ? Json.Of(text) : default;
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Whether it is computed: FEEL, or JUEL read as FEEL.</summary>
    public bool IsFeel => _feel is not null;

    /// <summary>The variables it takes; none when it is not FEEL.</summary>
    public ImmutableArray<string> Names => _feel?.Names ?? [];

    /// <summary>Mistakes that can be seen without values. Of JUEL none are said: their places would be those of its translation.</summary>
    public ImmutableArray<FeelFinding> Check() => _isJuel ? [] : _feel?.Check(FeelKnownNames.None) ?? [];

    /// <summary>A text that stands for itself.</summary>
    public static ProcessExpression Literal(string text) => new(text, null);

    /// <summary>Compiles a text; null with a sentence when its FEEL is wrong.</summary>
    public static ProcessExpression? Compile(string text, out string? problem)
    {
        problem = null;
        if (ExpressionText.IsJuel(text, out var juel, out var isCondition))
        {
            var reading = Juel.Read(juel);
            problem = reading.Problem;
            return reading.Feel is { } feel ? new ProcessExpression(juel, feel, isJuel: true, isCondition || reading.IsTruth) : null;
        }

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
    /// <param name="spent">Evaluation steps spent.</param>
    public string? Evaluate(VariableScope scope, DateTimeOffset now, int steps, out JsonElement value, out long spent)
    {
        spent = 0;
        if (_feel is null)
        {
            value = _literal;
            return null;
        }

        var result = _feel.Evaluate(scope.ToFeel(), FeelBudgets.Options(now, steps));
        spent = result.Steps;
        if (result.Failure is { } failure)
        {
            value = default;
            return failure.Message;
        }

        value = result.Value.ToJson();
        return _isJuel ? Strictly(result, value) : null;
    }

    // The other engine stops where FEEL goes on with null: at a variable that is not set, at kinds that do not compare. So does this one, instead of going another way in silence.
    private string? Strictly(FeelResult result, JsonElement value)
    {
        if (result.Warnings is [var first, ..])
            return first.Message;
        return _isTruth && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) ? $"It gives {Json.KindOf(value)}, not true or false." : null;
    }
}

/// <summary>What an evaluation inside a process may know and spend.</summary>
internal static class FeelBudgets
{
    /// <summary>A value is a variable sooner or later, and no variable is longer.</summary>
    private const int MostCharacters = 2 * 1024 * 1024;

    public static FeelOptions Options(DateTimeOffset now, int steps) =>
        new() { Now = now, Budget = FeelBudget.Default with { Steps = steps, ResultLength = MostCharacters } };
}
