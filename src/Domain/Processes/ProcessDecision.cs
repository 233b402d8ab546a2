using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Domain.Processes;

/// <summary>A decision among the sources of a version, ready to evaluate.</summary>
internal sealed class ProcessDecision
{
    private ProcessDecision(string id) => Id = id;

    /// <summary>DMN id.</summary>
    public string Id { get; }

    /// <summary>Reads all decisions of a DMN file.</summary>
    public static IReadOnlyList<ProcessDecision> Read(ReadOnlySpan<byte> dmn, out string? problem)
    {
        problem = "decision tables are not called from processes yet; ask a policy instead.";
        return [];
    }

    /// <summary>Evaluates with the visible variables; a sentence when it cannot.</summary>
    public string? Evaluate(VariableScope scope, DateTimeOffset now, int steps, out JsonElement value)
    {
        value = default;
        return "decision tables are not called from processes yet.";
    }
}
