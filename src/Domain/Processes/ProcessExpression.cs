using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Domain.Processes;

/// <summary>A text of a process that is FEEL when it begins with <c>=</c>, and itself otherwise. Compiled once, evaluated often.</summary>
internal sealed class ProcessExpression
{
    private readonly string[]? _path;
    private readonly JsonElement _literal;

    private ProcessExpression(string text, string[]? path, JsonElement? literal = null)
    {
        Text = text;
        _path = path;
        _literal = literal ?? Json.Of(text);
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Whether it is FEEL.</summary>
    public bool IsFeel => _path is not null;

    /// <summary>A text that stands for itself.</summary>
    public static ProcessExpression Literal(string text) => new(text, null);

    /// <summary>Compiles a text; null with a sentence when its FEEL is wrong.</summary>
    public static ProcessExpression? Compile(string text, out string? problem)
    {
        problem = null;
        var trimmed = text.Trim();
        if (!trimmed.StartsWith('='))
            return new ProcessExpression(trimmed, null);
        // Paths and literals until the FEEL library carries whole expressions; anything else is refused, not guessed.
        var body = trimmed[1..].Trim();
        if (TryLiteral(body) is { } literal)
            return new ProcessExpression(trimmed, [], literal);
        var path = body.Split('.');
        if (path.All(p => p.Length > 0 && p.All(c => char.IsLetterOrDigit(c) || c == '_') && !char.IsDigit(p[0])))
            return new ProcessExpression(trimmed, path);
        problem = "beyond a path into variables or a literal.";
        return null;
    }

    private static JsonElement? TryLiteral(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Evaluates; a sentence when the evaluation was ended by its budget. What cannot be computed is null, as FEEL says.</summary>
    public string? Evaluate(VariableScope scope, DateTimeOffset now, int steps, out JsonElement value)
    {
        value = _literal;
        if (_path is null or [])
            return null;
        var found = scope.TryGet(_path[0], out value);
        foreach (var name in _path.Skip(1))
            found = found && value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out value);
        if (!found)
            value = Json.Null;
        return null;
    }
}
