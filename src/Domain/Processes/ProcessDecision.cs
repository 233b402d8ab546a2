using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Feel.Checks;
using Countersign.Feel.Dmn;

namespace Countersign.Domain.Processes;

/// <summary>A decision among the sources of a version, ready to evaluate.</summary>
internal sealed class ProcessDecision
{
    private readonly DmnModel _model;

    private ProcessDecision(DmnModel model, string id)
    {
        _model = model;
        Id = id;
    }

    /// <summary>DMN id.</summary>
    public string Id { get; }

    /// <summary>Reads all decisions of a DMN file; a sentence when it cannot be read.</summary>
    /// <param name="findings">What can be seen in it without evaluating.</param>
    public static IReadOnlyList<ProcessDecision> Read(ReadOnlyMemory<byte> dmn, out string? problem, out ImmutableArray<DmnFinding> findings)
    {
        var loaded = DmnModel.Load(dmn);
        findings = loaded.Succeeded ? loaded.Model!.Check() : [];
        if (loaded.Succeeded)
        {
            problem = null;
            return [.. loaded.Model!.Decisions.Select(d => new ProcessDecision(loaded.Model, d.Id))];
        }

        var first = loaded.Diagnostics.FirstOrDefault(d => d.Severity == DmnSeverity.Error);
        problem = first is null ? "it is no decision model." : string.Create(CultureInfo.InvariantCulture, $"line {first.Line}: {first.Message}");
        return [];
    }

    /// <summary>Evaluates with the visible variables; a sentence when its budget ended it.</summary>
    /// <param name="spent">Evaluation steps spent.</param>
    public string? Evaluate(VariableScope scope, DateTimeOffset now, int steps, out JsonElement value, out long spent)
    {
        var result = _model.Evaluate(Id, scope.ToFeel(), FeelBudgets.Options(now, steps));
        spent = result.Steps;
        value = result.Failure is null ? result.Value.ToJson() : default;
        return result.Failure?.Message;
    }
}
