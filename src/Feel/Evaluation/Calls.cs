using System.Collections.Immutable;
using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Parsing;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary><c>f(a, b)</c> or <c>f(x: a, y: b)</c>.</summary>
internal sealed class Call(Node target, string[]? names, Node[] arguments) : Node
{
    public override int Strength => Binding.Postfix;

    public override IEnumerable<Node> Children => [target, .. arguments];

    public override string Label => names is null ? "" : string.Join('|', names);

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        if (Target(run, scope) is not FeelFunction function)
            return run.Fail(this, target is Name name ? $"There is no function '{name.Text}'. Check the spelling." : "Only a function can be called with (...).");
        var values = new FeelValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = arguments[i].Evaluate(run, scope);
        return names is null ? function.Invoke(run, values) : function.InvokeNamed(run, names, values);
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var given = Array.ConvertAll(arguments, argument => check.Visit(argument, scope));
        if (target is not Name name)
            return check.Visit(target, scope).Unwrap() is FunctionType made ? made.Result : FeelType.Unknown;
        var known = scope.Find(name.Text);
        if (known?.Unwrap() is FunctionType function)
            return CheckModelFunction(check, name.Text, function, given);
        if (Functions.BuiltIns.Find(name.Text) is { } builtIn)
        {
            if (builtIn.Misuse(names, arguments.Length) is { } misuse)
                check.Report(this, "feel.arguments", misuse, "Check the reference of the function.");
            return FunctionResults.Of(builtIn);
        }
        if (known is null || check.VariablesAreData)
            check.Report(this, "feel.unknown-function", $"There is no function '{name.Text}', so the result is always null.", "Check the spelling.");
        return FeelType.Unknown;
    }

    public override void Print(StringBuilder text)
    {
        PrintChild(text, target, Binding.Postfix);
        text.Append('(');
        for (var i = 0; i < arguments.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            if (names is not null)
            {
                FeelNames.Print(text, names[i]);
                text.Append(": ");
            }
            arguments[i].Print(text);
        }
        text.Append(')');
    }

    private FeelType CheckModelFunction(TypeCheck check, string name, FunctionType function, FeelType[] given)
    {
        if (function.Parameters is not { } wanted)
            return function.Result;
        if (wanted.Length != given.Length)
            check.Report(this, "feel.arguments", $"The function {name} needs {wanted.Length} argument(s), not {given.Length}.", "Give each parameter its argument.");
        else if (names is null)
        {
            for (var i = 0; i < given.Length; i++)
                check.WantAssignable(arguments[i], given[i], wanted[i], $"Argument {i + 1} of {name}");
        }
        return function.Result;
    }

    // A variable named like a built-in function (count, date, time) must not hide the function where it is called.
    private FeelValue Target(FeelRun run, FeelScope scope)
    {
        if (target is not Name name)
            return target.Evaluate(run, scope);
        if (scope.TryGet(name.Text, out var value) && value is FeelFunction)
            return value;
        return Functions.BuiltIns.Find(name.Text) ?? FeelValue.Null;
    }
}

/// <summary>A parameter with its type, if any.</summary>
internal sealed record Parameter(string Name, FeelType? Type);

/// <summary><c>function(a, b) body</c>.</summary>
internal sealed class FunctionLiteral(Parameter[] parameters, Node body, bool isExternal) : Node
{
    public override int Strength => Binding.Loose;

    public override IEnumerable<Node> Children => [body];

    public override string Label => string.Join('|', parameters.Select(p => p.Name + ":" + p.Type));

    public override IEnumerable<string> Binds => parameters.Select(p => p.Name);

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        if (isExternal)
            return run.Fail(this, "External functions are not run here. Write the function in FEEL.");
        return new Closure("", parameters, null, body, scope);
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        if (isExternal)
            check.Report(this, "feel.external", "External functions are not run here: the result is always null.", "Write the function in FEEL.");
        var inner = parameters.DistinctBy(p => p.Name, StringComparer.Ordinal).ToDictionary(p => p.Name, p => p.Type ?? FeelType.Unknown, StringComparer.Ordinal);
        var result = isExternal ? FeelType.Unknown : check.Visit(body, scope.With(inner));
        return new FunctionType([.. parameters.Select(p => p.Type ?? FeelType.Unknown)], result);
    }

    public override void Print(StringBuilder text)
    {
        text.Append("function(");
        for (var i = 0; i < parameters.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            FeelNames.Print(text, parameters[i].Name);
            if (parameters[i].Type is { } type)
                text.Append(": ").Append(type);
        }
        text.Append(isExternal ? ") external " : ") ");
        body.Print(text);
    }
}

/// <summary>A function written in FEEL, with the scope it was written in.</summary>
internal sealed class Closure(string name, Parameter[] parameters, FeelType? result, Node body, FeelScope scope) : FeelFunction(name), ITypedFunction
{
    private readonly string[] _names = [.. parameters.Select(p => p.Name)];

    public override IReadOnlyList<string> ParameterNames => _names;

    public FunctionType Type => new([.. parameters.Select(p => p.Type ?? FeelType.Any)], result ?? ResultOf(body));

    internal override FeelValue Invoke(FeelRun run, FeelValue[] arguments)
    {
        if (arguments.Length != parameters.Length)
            return run.Fail($"The function {Name} needs {parameters.Length} argument(s), not {arguments.Length}.");
        for (var i = 0; i < arguments.Length; i++)
        {
            if (parameters[i].Type is not { } type)
                continue;
            var (value, fits) = type.Coerce(run, arguments[i]);
            if (!fits)
                return run.Fail($"The argument '{parameters[i].Name}' of the function {Name} must be of type {type}, not {Words.Kind(arguments[i])}.");
            arguments[i] = value;
        }
        run.Enter(body.Height + 3);
        var answer = body.Evaluate(run, new FrameScope(_names, arguments, scope));
        run.Leave(body.Height + 3);
        if (result is null)
            return answer;
        var (coerced, conforms) = result.Coerce(run, answer);
        return conforms ? coerced : run.Fail($"The function {Name} must give a value of type {result}, not {Words.Kind(answer)}.");
    }

    internal override FeelValue InvokeNamed(FeelRun run, string[] names, FeelValue[] arguments)
    {
        if (Named.Order(_names, names, arguments, required: _names.Length) is not { } ordered)
            return run.Fail($"The function {Name} has the parameters {string.Join(", ", _names)}: name each of them once.");
        return Invoke(run, ordered);
    }

    // What a body certainly gives, for comparing function types.
    private static FeelType ResultOf(Node body) => body switch
    {
        Literal { Value: FeelNumber } => FeelType.Number,
        Literal { Value: FeelString } => FeelType.String,
        Literal { Value: FeelBoolean } or Comparison or InstanceOf or Between or Membership => FeelType.Boolean,
        _ => FeelType.Unknown,
    };
}

/// <summary>Puts named arguments into the order of the parameters.</summary>
internal static class Named
{
    /// <summary>The arguments in order, cut after the last one given; null when a name is unknown, doubled or missing.</summary>
    public static FeelValue[]? Order(IReadOnlyList<string> parameters, string[] names, FeelValue[] arguments, int required)
    {
        var ordered = new FeelValue?[parameters.Count];
        var last = 0;
        for (var i = 0; i < names.Length; i++)
        {
            var at = -1;
            for (var p = 0; p < parameters.Count && at < 0; p++)
                at = string.Equals(parameters[p], names[i], StringComparison.Ordinal) ? p : -1;
            if (at < 0 || ordered[at] is not null)
                return null;
            ordered[at] = arguments[i];
            last = Math.Max(last, at + 1);
        }
        for (var i = 0; i < required; i++)
        {
            if (ordered[i] is null)
                return null;
        }
        return [.. ordered.Take(last).Select(v => v ?? FeelValue.Null)];
    }
}
