using System.Text;
using Countersign.Domain.Processes;

namespace Countersign.Testing;

/// <summary>Files of a process version, as they are published: one BPMN file, the decisions it calls, the forms it shows.</summary>
public static class ProcessFile
{
    /// <summary>A BPMN file by its text.</summary>
    /// <param name="xml">BPMN 2.0 XML.</param>
    public static ProcessSource Bpmn(string xml) => Of(ProcessSourceKind.Bpmn, "process.bpmn", xml);

    /// <summary>A DMN file by its text.</summary>
    /// <param name="xml">DMN XML.</param>
    /// <param name="name">File name, unique in the version.</param>
    public static ProcessSource Dmn(string xml, string name = "decisions.dmn") => Of(ProcessSourceKind.Dmn, name, xml);

    /// <summary>A form by its text.</summary>
    /// <param name="json">form-js JSON.</param>
    /// <param name="name">File name, unique in the version.</param>
    public static ProcessSource Form(string json, string name = "form.form") => Of(ProcessSourceKind.Form, name, json);

    /// <summary>A file from disk; what it is follows from its ending: <c>.bpmn</c>, <c>.dmn</c>, <c>.form</c>.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ProcessTestException">The ending is another one.</exception>
    public static ProcessSource Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var kind = Path.GetExtension(path) switch
        {
            ".bpmn" => ProcessSourceKind.Bpmn,
            ".dmn" => ProcessSourceKind.Dmn,
            ".form" => ProcessSourceKind.Form,
            _ => throw new ProcessTestException($"'{Path.GetFileName(path)}' is no file of a process. Give one that ends with .bpmn, .dmn or .form."),
        };
        return new ProcessSource(kind, Path.GetFileName(path), File.ReadAllBytes(path));
    }

    private static ProcessSource Of(ProcessSourceKind kind, string name, string text) => new(kind, name, Encoding.UTF8.GetBytes(text));
}
