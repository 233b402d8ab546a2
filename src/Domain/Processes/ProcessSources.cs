using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Domain.Processes;

/// <summary>What kind of source a file of a process version is.</summary>
public enum ProcessSourceKind
{
    /// <summary>BPMN 2.0 XML; exactly one in a version.</summary>
    Bpmn,

    /// <summary>DMN XML with the decisions that business rule tasks call.</summary>
    Dmn,

    /// <summary>form-js JSON.</summary>
    Form,
}

/// <summary>One file of a process version, byte for byte as its author gave it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">File name, unique in the version.</param>
/// <param name="Content">The bytes.</param>
public sealed record ProcessSource(ProcessSourceKind Kind, string Name, ReadOnlyMemory<byte> Content);

/// <summary>All files of a process version.</summary>
/// <param name="Files">Exactly one BPMN file; decisions and forms as needed.</param>
/// <param name="ProcessId">Which process of the BPMN file to run; unset means its only executable one.</param>
public sealed record ProcessSources(ImmutableArray<ProcessSource> Files, string? ProcessId = null)
{
    /// <summary>Lower-case hex SHA-256 over all files: kind, name and bytes, in the order of their names. The diagram and foreign extensions count.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files.OrderBy(f => f.Kind).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            // Lengths in front keep two different sets of files from having the same bytes.
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Kind}\n{Encoding.UTF8.GetByteCount(file.Name)}\n{file.Name}\n{file.Content.Length}\n"));
            hash.AppendData(file.Content.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A version with one BPMN file only.</summary>
    public static ProcessSources OfBpmn(string bpmn) =>
        new([new ProcessSource(ProcessSourceKind.Bpmn, "process.bpmn", Encoding.UTF8.GetBytes(bpmn))]);
}
