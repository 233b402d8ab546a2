namespace Countersign.Domain.Processes;

/// <content>Checks of what each element says by itself.</content>
internal sealed partial class GraphCompiler
{
    /// <summary>
    /// Checks expressions and details of a model whose structure is broken, so that no graph can be made of it: an author sees everything in one round
    /// instead of the next error each time.
    /// </summary>
    public void CheckParts()
    {
        for (var i = 0; i < model.Nodes.Count; i++)
            _nodes.TryAdd(model.Nodes[i].Id, new GraphNode(model.Nodes[i].Id, model.Nodes[i].Name, model.Nodes[i].Kind, i));
        foreach (var flow in model.Flows)
            Expression(flow.Condition, flow.Id, "The condition", flow.Line);
        foreach (var node in model.Nodes)
        {
            Mappings(node.Inputs, node, "input");
            Mappings(node.Outputs, node, "output");
            // A link says nothing by itself; whether it goes on somewhere is a matter of structure.
            if (node.Kind != ElementKind.LinkThrow)
                Detail(node);
            Repeat(node);
        }
    }
}
