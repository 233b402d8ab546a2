namespace Countersign.Domain.Processes.Bpmn;

/// <summary>What elements of a file refer to by id: messages, errors and shared event definitions.</summary>
internal sealed class BpmnDefinitions
{
    private readonly Dictionary<string, XmlTree> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, XmlTree> _data = new(StringComparer.Ordinal);

    public BpmnDefinitions(XmlTree root, FindingList findings)
    {
        Collect(root);
        foreach (var child in root.Children.Where(c => c.Ns == BpmnNames.Model && c.Name != "process" && c["id"] is not null))
        {
            if (!_byId.TryAdd(child["id"]!, child))
                findings.Error("element.duplicate-id", child["id"], $"The id '{child["id"]}' is used more than once.", "Give each element its own id.", child.Line);
        }
    }

    /// <summary>The element a reference names, if it has the right kind. References are qualified names; the prefix says nothing inside one file.</summary>
    public XmlTree? Find(string? reference, string name)
    {
        if (reference is null)
            return null;
        var found = _byId.GetValueOrDefault(reference) ?? _byId.GetValueOrDefault(reference[(reference.IndexOf(':') + 1)..]);
        return found is not null && found.IsBpmn(name) ? found : null;
    }

    /// <summary>A data object, data store or property by its id or by a reference to it.</summary>
    public XmlTree? Data(string reference) => _data.GetValueOrDefault(reference) is { } found
        ? found["dataObjectRef"] is { } target ? _data.GetValueOrDefault(target) ?? found : found
        : null;

    private void Collect(XmlTree element)
    {
        foreach (var child in element.Children.Where(c => c.Ns == BpmnNames.Model))
        {
            if (child.Name is "dataObject" or "dataObjectReference" or "property" or "dataStore" or "dataStoreReference" && child["id"] is { } id)
                _data.TryAdd(id, child);
            if (child.Name is "process" or "subProcess" or "transaction" or "adHocSubProcess")
                Collect(child);
        }
    }

    /// <summary>A shared event definition.</summary>
    public XmlTree? EventDefinition(string reference)
    {
        var found = _byId.GetValueOrDefault(reference) ?? _byId.GetValueOrDefault(reference[(reference.IndexOf(':') + 1)..]);
        return found is { } definition && definition.Name.EndsWith("EventDefinition", StringComparison.Ordinal) ? definition : null;
    }
}
