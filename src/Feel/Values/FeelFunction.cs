using Countersign.Feel.Evaluation;

namespace Countersign.Feel.Values;

/// <summary>A function: built in, written in FEEL, or a business knowledge model or decision service.</summary>
public abstract class FeelFunction : FeelValue
{
    private protected FeelFunction(string name)
        : base(FeelKind.Function) => Name = name;

    /// <summary>The name, for messages; empty for an anonymous function.</summary>
    public string Name { get; }

    /// <summary>The names of the parameters in order.</summary>
    public abstract IReadOnlyList<string> ParameterNames { get; }

    internal abstract FeelValue Invoke(FeelRun run, FeelValue[] arguments);

    internal abstract FeelValue InvokeNamed(FeelRun run, string[] names, FeelValue[] arguments);

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => ReferenceEquals(this, other);

    /// <inheritdoc />
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
