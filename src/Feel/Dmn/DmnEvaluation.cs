using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>One evaluation of a model: every part is evaluated once.</summary>
internal sealed class DmnEvaluation(DmnModel model, FeelScope inputs)
{
    // Stands for a part that is being evaluated: whoever meets it needs itself.
    private static readonly FeelValue Begun = new FeelString("");

    private readonly FeelValue?[] _own = new FeelValue?[model.Parts.Count];
    private Dictionary<DmnPart, FeelValue>? _foreign;

    public static FeelValue Coerce(FeelRun run, FeelType? type, FeelValue value, string what)
    {
        if (type is null)
            return value;
        var (coerced, fits) = type.Coerce(run, value);
        return fits ? coerced : run.Fail($"The value of {what} must be of type {type}, not {Words.Kind(value)}.");
    }

    /// <summary>The value of a decision; the result of a service or knowledge model, its parameters taken from the inputs.</summary>
    public FeelValue Result(FeelRun run, DmnPart part)
    {
        if (part is DecisionPart)
            return Value(run, "", part);
        var function = (FeelFunction)Value(run, "", part);
        var arguments = function.ParameterNames.Select(name => inputs.TryGet(name, out var given) ? given : FeelValue.Null).ToArray();
        return function.Invoke(run, arguments);
    }

    private FeelValue Value(FeelRun run, string alias, DmnPart part)
    {
        if (Known(part) is { } known)
            return !ReferenceEquals(known, Begun) ? known : run.Fail($"'{part.Name}' needs itself. Remove one of the requirements that lead back to it.");
        Keep(part, Begun);
        run.Step();
        var value = part switch
        {
            InputPart input => Coerce(run, input.Type, Input(run, alias, input), $"the input '{input.Name}'"),
            DecisionPart decision => Decide(run, decision),
            KnowledgePart knowledge => Function(run, knowledge),
            ServicePart service => new ServiceFunction(service, this),
            _ => FeelValue.Null,
        };
        Keep(part, value);
        return value;
    }

    private FeelValue? Known(DmnPart part) => ReferenceEquals(part.Model, model) ? _own[part.Index] : _foreign?.GetValueOrDefault(part);

    private void Keep(DmnPart part, FeelValue value)
    {
        if (ReferenceEquals(part.Model, model))
            _own[part.Index] = value;
        else
            (_foreign ??= [])[part] = value;
    }

    // An imported model's inputs may be given as entries of a context named like the import, or by their own names.
    private FeelValue Input(FeelRun run, string alias, InputPart input)
    {
        if (alias.Length > 0 && inputs.TryGet(alias, out var group) && group is FeelContext context && context.TryGetValue(input.Name, out var nested))
            return nested;
        if (!inputs.TryGet(input.Name, out var value))
            return run.Fail($"The input '{input.Name}' was not given.");
        return ReferenceEquals(value, FeelValue.Erased) ? run.Fail($"The value of '{input.Name}' was erased.") : value;
    }

    private FeelValue Decide(FeelRun run, DecisionPart decision)
    {
        if (decision.Body is null)
            return run.Fail($"The decision '{decision.Name}' has no logic.");
        var levels = decision.Body.Height + 4;
        run.Enter(levels);
        var value = decision.Body.Evaluate(run, ScopeOf(run, decision));
        run.Leave(levels);
        return Coerce(run, decision.Type, value, $"the decision '{decision.Name}'");
    }

    private FeelValue Function(FeelRun run, KnowledgePart knowledge)
    {
        if (knowledge.Body is null)
            return run.Fail($"The knowledge model '{knowledge.Name}' has no logic.");
        // The function sees itself, so that it can call itself.
        var self = new SelfScope(knowledge.Name, ScopeOf(run, knowledge));
        var result = knowledge.Type is { } type ? type.Unwrap() as FunctionType is { } function ? function.Result : type : null;
        return self.Function = new Closure(knowledge.Name, knowledge.Parameters, result, knowledge.Body, self);
    }

    private FeelScope ScopeOf(FeelRun run, DmnPart part)
    {
        if (part.RequiredNames is { } required)
            return new FrameScope(required, Values(run, part), new UndeclaredScope(part.Model, inputs));
        var names = new FeelContextBuilder();
        Dictionary<string, FeelContextBuilder>? imported = null;
        foreach (var (alias, needed) in part.Requirements)
        {
            var value = Value(run, alias, needed);
            if (alias.Length == 0)
            {
                names.Set(needed.Name, value);
                continue;
            }
            imported ??= new(StringComparer.Ordinal);
            if (!imported.TryGetValue(alias, out var group))
                imported[alias] = group = new FeelContextBuilder();
            group.Set(needed.Name, value);
        }
        foreach (var (alias, group) in imported ?? [])
            names.Set(alias, group.Build());
        return new ContextScope(names.Build(), new UndeclaredScope(part.Model, inputs));
    }

    private FeelValue[] Values(FeelRun run, DmnPart part)
    {
        var values = new FeelValue[part.Requirements.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = Value(run, "", part.Requirements[i].Part);
        return values;
    }

    /// <summary>
    /// What the caller gave beyond the model: names that no part of the model has. A part's name is seen only by those that require it.
    /// </summary>
    private sealed class UndeclaredScope(DmnModel model, FeelScope given) : FeelScope(null)
    {
        internal override FeelValue? Find(string name) => !model.PartNames.Contains(name) && given.TryGet(name, out var value) ? value : null;
    }

    private sealed class SelfScope(string name, FeelScope parent) : FeelScope(parent)
    {
        public FeelFunction? Function { get; set; }

        internal override FeelValue? Find(string wanted) => string.Equals(wanted, name, StringComparison.Ordinal) ? Function : null;
    }

    /// <summary>A decision service as a function: its inputs replace what the evaluation knows, only within the call.</summary>
    private sealed class ServiceFunction(ServicePart service, DmnEvaluation outer) : FeelFunction(service.Name), ITypedFunction
    {
        private readonly string[] _names = [.. service.Inputs.Select(p => p.Name)];

        public override IReadOnlyList<string> ParameterNames => _names;

        public FunctionType Type => new([.. service.Inputs.Select(p => p.Type ?? FeelType.Any)], service.Type?.Unwrap() is FunctionType declared ? declared.Result : service.Type ?? FeelType.Unknown);

        internal override FeelValue Invoke(FeelRun run, FeelValue[] arguments)
        {
            if (arguments.Length != _names.Length)
                return run.Fail($"The decision service {Name} needs {_names.Length} argument(s), not {arguments.Length}.");
            var inner = new DmnEvaluation(outer.Model, new FrameScope(_names, arguments, outer.Inputs));
            for (var i = 0; i < arguments.Length; i++)
            {
                var input = service.Inputs[i];
                if (input.Type is { } type && !type.Coerce(run, arguments[i]).Fits)
                    return run.Fail($"The argument '{input.Name}' of the decision service {Name} must be of type {type}, not {Words.Kind(arguments[i])}.");
                inner.Keep(input, input.Type is null ? arguments[i] : input.Type.Coerce(run, arguments[i]).Value);
            }
            const int Levels = 4;
            run.Enter(Levels);
            var value = inner.Outputs(run, service);
            run.Leave(Levels);
            return Coerce(run, service.Type?.Unwrap() is FunctionType function ? function.Result : service.Type, value, $"the decision service '{Name}'");
        }

        internal override FeelValue InvokeNamed(FeelRun run, string[] names, FeelValue[] arguments)
            => Named.Order(_names, names, arguments, _names.Length) is { } ordered
                ? Invoke(run, ordered)
                : run.Fail($"The decision service {Name} has the parameters {string.Join(", ", _names)}: name each of them once.");
    }

    private FeelScope Inputs => inputs;

    private DmnModel Model => model;

    private FeelValue Outputs(FeelRun run, ServicePart service)
    {
        if (service.Outputs.Count == 1)
            return Value(run, "", service.Outputs[0]);
        var values = new FeelContextBuilder();
        foreach (var output in service.Outputs)
            values.Set(output.Name, Value(run, "", output));
        return run.Context(values);
    }
}
