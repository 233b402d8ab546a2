namespace Countersign.Domain.Processes;

/// <summary>A process as its author wrote it, before it is checked: what the BPMN reader and the C# builder both make.</summary>
internal sealed class ProcessModel(string id, string? name)
{
    public string Id { get; } = id;

    public string? Name { get; } = name;

    public int? Line { get; init; }

    public List<ModelNode> Nodes { get; } = [];

    public List<ModelFlow> Flows { get; } = [];

    public List<DataClass> DataClasses { get; } = [];
}

/// <summary>A sequence flow as written.</summary>
internal sealed class ModelFlow(string id, string sourceRef, string targetRef)
{
    public string Id { get; } = id;

    public string? Name { get; init; }

    public string SourceRef { get; } = sourceRef;

    public string TargetRef { get; } = targetRef;

    /// <summary>Condition text, with its leading <c>=</c>; null = none.</summary>
    public string? Condition { get; set; }

    /// <summary>The sub-process around it; null at process level.</summary>
    public string? Parent { get; init; }

    public int? Line { get; init; }
}

/// <summary>A flow node as written. Texts that begin with <c>=</c> are FEEL; anything else is itself.</summary>
internal sealed class ModelNode(string id, ElementKind kind)
{
    public string Id { get; } = id;

    public ElementKind Kind { get; } = kind;

    public string? Name { get; init; }

    public string? Parent { get; init; }

    public int? Line { get; init; }

    public string? AttachedTo { get; init; }

    public bool Interrupting { get; init; } = true;

    public string? DefaultFlow { get; init; }

    public List<(string Source, string Target)> Inputs { get; } = [];

    public List<(string Source, string Target)> Outputs { get; } = [];

    public string? JobType { get; set; }

    public string? Retries { get; set; }

    public Dictionary<string, string> Headers { get; } = new(StringComparer.Ordinal);

    public string? Assignee { get; set; }

    public string? CandidateGroups { get; set; }

    public string? CandidateUsers { get; set; }

    public string? DueDate { get; set; }

    public string? Priority { get; set; }

    public string? FormId { get; set; }

    public List<string> SeparateFrom { get; } = [];

    public string? Why { get; set; }

    public List<string> Verdicts { get; } = [];

    public string? VerdictVariable { get; set; }

    public string? Countersigns { get; set; }

    public string? PolicyId { get; set; }

    public string? ProposalFrom { get; set; }

    public string? ResultVariable { get; set; }

    public string? DecisionId { get; set; }

    public string? Script { get; set; }

    public TimerKind TimerKind { get; set; }

    public string? TimerText { get; set; }

    public string? MessageName { get; set; }

    public string? CorrelationKey { get; set; }

    public string? ErrorCode { get; set; }

    public string? LinkName { get; set; }

    /// <summary>What people call it: its name, or its id.</summary>
    public string Title => string.IsNullOrWhiteSpace(Name) ? Id : Name;
}
