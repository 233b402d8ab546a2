using System.Globalization;
using System.Text;
using System.Xml;

namespace Countersign.Workers.Trail.Exports;

/// <summary>Writes steps as XES (IEEE 1849-2016, version 1.0 of the format): a trace for each instance; steps come instance by instance.</summary>
internal sealed class XesLog : IDisposable
{
    private static readonly (string Name, string Prefix, string Uri)[] Extensions =
    [
        ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"), ("Time", "time", "http://www.xes-standard.org/time.xesext"),
        ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"), ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ];

    private readonly XmlWriter _xml;
    private string? _trace;

    public XesLog(Stream output)
    {
        _xml = XmlWriter.Create(output, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, NewLineChars = "\n", CloseOutput = false });
        _xml.WriteStartElement("log", "http://www.xes-standard.org/");
        _xml.WriteAttributeString("xes.version", "1.0");
        _xml.WriteAttributeString("xes.features", "");
        foreach (var (name, prefix, uri) in Extensions)
        {
            _xml.WriteStartElement("extension");
            _xml.WriteAttributeString("name", name);
            _xml.WriteAttributeString("prefix", prefix);
            _xml.WriteAttributeString("uri", uri);
            _xml.WriteEndElement();
        }

        _xml.WriteStartElement("classifier");
        _xml.WriteAttributeString("name", "Activity");
        _xml.WriteAttributeString("keys", "concept:name lifecycle:transition");
        _xml.WriteEndElement();
    }

    public void Write(ProcessStep step)
    {
        if (_trace != step.Event.Stream)
        {
            if (_trace is not null)
                _xml.WriteEndElement();
            _trace = step.Event.Stream;
            _xml.WriteStartElement("trace");
            Attribute("string", "concept:name", _trace);
            if (step.Process is { } process)
                Attribute("string", "countersign:process", process);
        }

        _xml.WriteStartElement("event");
        Attribute("string", "concept:name", step.Activity);
        Attribute("string", "lifecycle:transition", step.Transition);
        Attribute("date", "time:timestamp", step.Event.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        if (step.Event.Actor is { } actor)
            Attribute("string", "org:resource", actor);
        Attribute("string", "countersign:type", step.Event.Type);
        if (step.Verdict is { } verdict)
            Attribute("string", "countersign:verdict", verdict);
        _xml.WriteEndElement();
    }

    public void Dispose()
    {
        if (_trace is not null)
            _xml.WriteEndElement();
        _xml.WriteEndElement();
        _xml.Dispose();
    }

    private void Attribute(string kind, string key, string value)
    {
        _xml.WriteStartElement(kind);
        _xml.WriteAttributeString("key", key);
        // A stored text may hold a control character that XML cannot carry.
        _xml.WriteAttributeString("value", string.Concat(value.Select(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '\uFFFD')));
        _xml.WriteEndElement();
    }
}
