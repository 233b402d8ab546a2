using System.Collections.Immutable;

namespace Countersign.Domain.Processes.Import;

/// <summary>One change that an import made to a file.</summary>
/// <param name="Rule">Stable id of the kind of change, e.g. <c>import.expression</c>.</param>
/// <param name="ElementId">The element changed; null = the whole file.</param>
/// <param name="NeedsAttention">Whether a person must look: the run is not the same without something outside of the file, or a guess was made.</param>
/// <param name="Sentence">What was changed, and why.</param>
/// <param name="Before">The text that stood there; null = nothing.</param>
/// <param name="After">The text that stands there now; null = nothing.</param>
public sealed record ImportEdit(string Rule, string? ElementId, bool NeedsAttention, string Sentence, string? Before, string? After);

/// <summary>What an import came to.</summary>
/// <param name="Bpmn">The file to publish: the original, byte for byte, when nothing had to be changed; null when it is refused.</param>
/// <param name="ProcessId">The process it runs; null when it is refused.</param>
/// <param name="Edits">What was changed, in the order of the file.</param>
/// <param name="Findings">What the compiler says of the file as changed; the errors of a refused file stand where they occur.</param>
public sealed record ProcessImportResult(ReadOnlyMemory<byte>? Bpmn, string? ProcessId, ImmutableArray<ImportEdit> Edits, ImmutableArray<ProcessFinding> Findings);

/// <summary>Collects the changes of an import.</summary>
internal sealed class EditList
{
    private readonly List<ImportEdit> _edits = [];

    public void Add(string rule, string? elementId, bool needsAttention, string sentence, string? before, string? after) =>
        _edits.Add(new ImportEdit(rule, elementId, needsAttention, sentence, Short(before), Short(after)));

    public ImmutableArray<ImportEdit> ToArray() => [.. _edits];

    private static string? Short(string? text) => text is null || text.Length <= 2000 ? text : text[..2000] + "…";
}
