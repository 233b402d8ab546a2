using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>What a built-in function does with its arguments.</summary>
internal delegate FeelValue BuiltInBody(in Arguments arguments);

/// <summary>One way to call a built-in function.</summary>
internal sealed class Signature
{
    /// <summary>Reads <c>"list, start position, length?"</c>: a question mark marks optional ones, three points the last one repeated.</summary>
    public Signature(string text)
    {
        Text = text;
        var parts = text.Length == 0 ? [] : text.Split(", ");
        IsRepeated = parts.Length > 0 && parts[^1].EndsWith("...", StringComparison.Ordinal);
        Required = parts.Count(p => !p.EndsWith('?'));
        Names = [.. parts.Select(p => p.TrimEnd('?', '.'))];
    }

    public string Text { get; }

    public string[] Names { get; }

    public int Required { get; }

    public bool IsRepeated { get; }

    /// <summary>Whether named arguments are of the kind the parameter's name tells apart.</summary>
    public bool Suits(FeelValue[] ordered)
    {
        for (var i = 0; i < ordered.Length; i++)
        {
            var suits = Names[i] switch
            {
                "key" => ordered[i] is FeelString,
                "keys" => ordered[i] is FeelList,
                "point" or "point1" or "point2" => ordered[i] is not FeelRange,
                "range" or "range1" or "range2" => ordered[i] is FeelRange,
                _ => true,
            };
            if (!suits)
                return false;
        }
        return true;
    }

    public bool Takes(int count) => count >= Required && (IsRepeated || count <= Names.Length);
}

/// <summary>A function of the language itself.</summary>
internal sealed class BuiltIn : FeelFunction, ITypedFunction
{
    private readonly BuiltInBody _body;

    public BuiltIn(string name, string[] signatures, string summary, string example, string result, BuiltInBody body)
        : base(name)
    {
        Signatures = [.. signatures.Select(s => new Signature(s))];
        Summary = summary;
        Example = example;
        Result = result;
        _body = body;
    }

    public Signature[] Signatures { get; }

    /// <summary>One sentence for the reference page.</summary>
    public string Summary { get; }

    /// <summary>An expression that shows the function.</summary>
    public string Example { get; }

    /// <summary>What the example gives.</summary>
    public string Result { get; }

    public override IReadOnlyList<string> ParameterNames => Signatures[0].Names;

    public FunctionType Type => new([.. Signatures[0].Names.Take(Signatures[0].Required).Select(_ => FeelType.Any)], FeelType.Unknown);

    internal override FeelValue Invoke(FeelRun run, FeelValue[] arguments)
    {
        foreach (var signature in Signatures)
        {
            if (signature.Takes(arguments.Length))
                return Run(run, arguments);
        }
        return run.Fail($"{Name} cannot be called with {arguments.Length} argument(s). Use {Usage()}.");
    }

    internal override FeelValue InvokeNamed(FeelRun run, string[] names, FeelValue[] arguments)
    {
        foreach (var signature in Signatures)
        {
            if (Named.Order(signature.Names, names, arguments, signature.Required) is { } ordered && signature.Suits(ordered))
                return Run(run, ordered);
        }
        return run.Fail($"{Name} has no parameters of these names. Use {Usage()}.");
    }

    /// <summary>Why a call with this many arguments, or with these names, can never work; null when it can.</summary>
    public string? Misuse(string[]? names, int count)
    {
        if (names is null)
            return Array.Exists(Signatures, s => s.Takes(count)) ? null : $"{Name} cannot be called with {count} argument(s). Use {Usage()}.";
        var given = Array.ConvertAll(names, _ => FeelValue.Null);
        return Array.Exists(Signatures, s => Named.Order(s.Names, names, given, s.Required) is not null) ? null : $"{Name} has no parameters of these names. Use {Usage()}.";
    }

    private FeelValue Run(FeelRun run, FeelValue[] arguments)
    {
        run.Enter(2);
        var value = _body(new Arguments(run, Name, arguments));
        run.Leave(2);
        return value;
    }

    private string Usage() => string.Join(" or ", Signatures.Select(s => $"{Name}({s.Text})"));
}

/// <summary>The arguments of a call, read by kind: a list of one stands for its member, a single value for a list of one.</summary>
internal readonly ref struct Arguments(FeelRun run, string function, FeelValue[] values)
{
    public FeelRun Run { get; } = run;

    public int Count => values.Length;

    public FeelValue[] All => values;

    public FeelValue this[int index] => index < values.Length ? values[index] : FeelValue.Null;

    public bool IsMissing(int index) => index >= values.Length || values[index].IsNull;

    public FeelValue Fail(string message) => Run.Fail($"{function}: {message}");

    /// <summary>Null with the reason that an argument is of the wrong kind.</summary>
    public FeelValue Wrong(int index, string wanted) => Run.Fail($"{function}: argument {index + 1} must be {wanted}, not {Words.Kind(this[index])}.");

    public bool Is<T>(int index, out T value)
        where T : FeelValue
    {
        var given = this[index];
        if (given is FeelList { Count: 1 } single && typeof(T) != typeof(FeelList))
            given = single[0];
        value = (given as T)!;
        return value is not null;
    }

    public bool IsText(int index, out string text)
    {
        var found = Is<FeelString>(index, out var value);
        text = found ? value.Value : "";
        return found;
    }

    public bool IsNumber(int index, out Decimal34 number)
    {
        var found = Is<FeelNumber>(index, out var value);
        number = found ? value.Value : default;
        return found;
    }

    public bool IsWhole(int index, out long number)
    {
        number = 0;
        return Is<FeelNumber>(index, out var value) && value.Value.TryToInt64(out number);
    }

    /// <summary>A list, or the single value as a list; null is no list.</summary>
    public bool IsList(int index, out FeelList list)
    {
        var given = this[index];
        list = given as FeelList ?? (given.IsNull ? FeelList.Empty : FeelList.Of(given));
        return !given.IsNull;
    }

    /// <summary>The only argument as a list, or all arguments as one.</summary>
    public bool IsListOrMany(out FeelList list)
    {
        if (Count == 1)
            return IsList(0, out list);
        list = Run.List(values);
        return true;
    }
}
