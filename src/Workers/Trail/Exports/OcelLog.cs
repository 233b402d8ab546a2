using System.Globalization;
using System.Text.Json;

namespace Countersign.Workers.Trail.Exports;

/// <summary>
/// Writes steps as OCEL 2.0 JSON: instances, documents and people are the objects. Events stream; the objects' ids are kept until the end, about a hundred bytes each.
/// </summary>
internal sealed class OcelLog : IDisposable
{
    private readonly Utf8JsonWriter _json;
    private readonly Stream _output;
    private readonly HashSet<string> _activities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _objects = new(StringComparer.Ordinal);

    public OcelLog(Stream output)
    {
        _output = output;
        _json = new Utf8JsonWriter(output);
        _json.WriteStartObject();
        _json.WriteStartArray("events");
    }

    public void Write(ProcessStep step)
    {
        _activities.Add(step.Activity);
        _json.WriteStartObject();
        _json.WriteString("id", step.Id);
        _json.WriteString("type", step.Activity);
        _json.WriteString("time", step.Event.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        _json.WriteStartArray("attributes");
        Attribute("lifecycle", step.Transition);
        Attribute("recorded", step.Event.Type);
        if (step.Verdict is { } verdict)
            Attribute("verdict", verdict);
        _json.WriteEndArray();
        _json.WriteStartArray("relationships");
        Relation(step.Event.Stream, "instance", "case");
        foreach (var document in step.Documents)
            Relation("document/" + document, "document", "document");
        if (step.Event.Actor is { } actor)
            Relation("actor/" + actor, "actor", "by");
        _json.WriteEndArray();
        _json.WriteEndObject();
        if (_json.BytesPending > 64 * 1024)
            _json.Flush();
    }

    public void Dispose()
    {
        _json.WriteEndArray();
        Types("eventTypes", _activities.Order(StringComparer.Ordinal), "lifecycle", "recorded", "verdict");
        Types("objectTypes", _objects.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        _json.WriteStartArray("objects");
        foreach (var (id, type) in _objects)
        {
            _json.WriteStartObject();
            _json.WriteString("id", id);
            _json.WriteString("type", type);
            _json.WriteStartArray("attributes");
            _json.WriteEndArray();
            _json.WriteStartArray("relationships");
            _json.WriteEndArray();
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Dispose();
        _output.Write("\n"u8);
    }

    private void Types(string name, IEnumerable<string> types, params string[] attributes)
    {
        _json.WriteStartArray(name);
        foreach (var type in types)
        {
            _json.WriteStartObject();
            _json.WriteString("name", type);
            _json.WriteStartArray("attributes");
            foreach (var attribute in attributes)
            {
                _json.WriteStartObject();
                _json.WriteString("name", attribute);
                _json.WriteString("type", "string");
                _json.WriteEndObject();
            }

            _json.WriteEndArray();
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void Attribute(string name, string value)
    {
        _json.WriteStartObject();
        _json.WriteString("name", name);
        _json.WriteString("value", value);
        _json.WriteEndObject();
    }

    private void Relation(string id, string type, string qualifier)
    {
        _objects[id] = type;
        _json.WriteStartObject();
        _json.WriteString("objectId", id);
        _json.WriteString("qualifier", qualifier);
        _json.WriteEndObject();
    }
}
