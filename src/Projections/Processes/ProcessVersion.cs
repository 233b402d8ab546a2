using System.Collections.Immutable;

namespace Countersign.Projections.Processes;

/// <summary>A published version of a process with its sources byte for byte; never changed.</summary>
/// <param name="Id">Key and number, <c>key:number</c>.</param>
/// <param name="ProcessKey">BPMN process id.</param>
/// <param name="Number">Version number, from 1.</param>
/// <param name="Name">Title, or null.</param>
/// <param name="Hash">Digest over the sources.</param>
/// <param name="ProcessId">Which process of the BPMN file is run; null = its only executable one.</param>
/// <param name="Files">The sources.</param>
/// <param name="PublishedBy">Actor id.</param>
/// <param name="PublishedAt">When (UTC).</param>
public sealed record ProcessVersion(string Id, string ProcessKey, int Number, string? Name, string Hash, string? ProcessId,
    ImmutableArray<ProcessFile> Files, string PublishedBy, DateTimeOffset PublishedAt)
{
    /// <summary>Id of a version.</summary>
    public static string IdOf(string processKey, int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{processKey}:{number}");
}

/// <summary>One source file.</summary>
/// <param name="Kind">bpmn, dmn or form.</param>
/// <param name="Name">File name, unique in the version.</param>
/// <param name="Content">The bytes.</param>
public sealed record ProcessFile(string Kind, string Name, ReadOnlyMemory<byte> Content);
