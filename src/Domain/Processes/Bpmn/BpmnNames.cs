namespace Countersign.Domain.Processes.Bpmn;

/// <summary>Namespaces of process files.</summary>
internal static class BpmnNames
{
    public const string Model = "http://www.omg.org/spec/BPMN/20100524/MODEL";
    public const string Diagram = "http://www.omg.org/spec/BPMN/20100524/DI";
    public const string Zeebe = "http://camunda.org/schema/zeebe/1.0";
    public const string Camunda = "http://camunda.org/schema/1.0/bpmn";
    public const string Own = "http://countersign.dev/schema/bpmn/1.0";

    /// <summary>Extensions of other engines that change how a process runs: refused, because leaving them out would change what the author meant.</summary>
    public static bool IsForeignEngine(string ns) => ns is Camunda or "http://activiti.org/bpmn" or "http://flowable.org/bpmn"
        or "http://www.jboss.org/drools" or "http://spiffworkflow.org/bpmn/schema/1.0/core";
}
