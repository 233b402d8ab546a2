namespace Countersign.Domain.Processes;

/// <summary>A process as its author wrote it, before it is checked: what the BPMN reader and the C# builder both make.</summary>
internal sealed class ProcessModel(string id, string? name)
{
    public string Id { get; } = id;

    public string? Name { get; } = name;

    public int? Line { get; init; }

    /// <summary>Tag by which calls can name this version.</summary>
    public string? VersionTag { get; set; }

    /// <summary>Whether a business key may belong to one running instance only.</summary>
    public bool UniqueBusinessKey { get; set; }

    public List<ModelNode> Nodes { get; } = [];

    public List<ModelFlow> Flows { get; } = [];

    public List<DataClass> DataClasses { get; } = [];

    /// <summary>From compensation boundary events to what undoes their activity.</summary>
    public List<(string Source, string Target)> Associations { get; } = [];
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

    public string? SignalName { get; set; }

    public string? EscalationCode { get; set; }

    public string? Condition { get; set; }

    /// <summary>Activity that a compensation event undoes; null = everything in its scope.</summary>
    public string? CompensateRef { get; set; }

    public bool WaitForCompletion { get; set; } = true;

    /// <summary>The single triggers of an event with several.</summary>
    public List<ModelNode> Parts { get; } = [];

    /// <summary>Whether all of several triggers must happen.</summary>
    public bool ParallelMultiple { get; init; }

    public bool IsForCompensation { get; init; }

    /// <summary>Whether it starts the process by itself.</summary>
    public bool Instantiate { get; init; }

    public string StartQuantity { get; init; } = "1";

    public string CompletionQuantity { get; init; } = "1";

    public ModelRepeat? Repeat { get; set; }

    public ModelCall? Call { get; set; }

    public ModelAdHoc? AdHoc { get; set; }

    /// <summary>What people call it: its name, or its id.</summary>
    public string Title => string.IsNullOrWhiteSpace(Name) ? Id : Name;
}

/// <summary>A loop or multi-instance marker as written.</summary>
internal sealed class ModelRepeat
{
    public bool IsLoop { get; init; }

    public bool Sequential { get; init; }

    public string? Cardinality { get; set; }

    public string? Collection { get; set; }

    public string? Element { get; set; }

    public string? OutputCollection { get; set; }

    public string? OutputElement { get; set; }

    /// <summary>Ends a multi-instance early, or keeps a loop going.</summary>
    public string? Condition { get; set; }

    public bool TestBefore { get; init; }

    public string? Maximum { get; init; }

    public RepeatBehaviour Behaviour { get; init; } = RepeatBehaviour.All;

    /// <summary>What an instance that completes throws to the boundary: a signal's name or an escalation's code.</summary>
    public (ElementKind Kind, string Name)? Throws { get; set; }
}

/// <summary>A call of another process as written.</summary>
internal sealed class ModelCall
{
    public string? Process { get; set; }

    public CallBinding Binding { get; set; } = CallBinding.Latest;

    /// <summary>Version number or tag, by the binding.</summary>
    public string? Version { get; set; }

    /// <summary>Whether the called process gets every visible variable when there is no input mapping.</summary>
    public bool AllIn { get; set; } = true;

    /// <summary>Whether every variable of the called process comes back when there is no output mapping.</summary>
    public bool AllOut { get; set; } = true;
}

/// <summary>An ad-hoc marker as written.</summary>
internal sealed class ModelAdHoc
{
    public bool Sequential { get; init; }

    public bool CancelRemaining { get; init; } = true;

    public string? CompletionCondition { get; init; }

    /// <summary>Expression for the ids of the steps to start; null = all that nothing leads to.</summary>
    public string? ActiveElements { get; set; }
}
