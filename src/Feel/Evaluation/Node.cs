using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary>
/// A part of a compiled expression. Nodes are immutable and shared by all evaluations: what changes is in the run and the scope.
/// </summary>
internal abstract class Node
{
    /// <summary>Where the part stands in the text.</summary>
    public int Position { get; private set; }

    public int Length { get; private set; }

    /// <summary>How many nodes are nested here at most; what a call of a function adds to the depth.</summary>
    public int Height { get; private set; }

    /// <summary>How tightly the printed form binds, see <see cref="Binding"/>.</summary>
    public abstract int Strength { get; }

    public abstract IEnumerable<Node> Children { get; }

    /// <summary>What distinguishes the node from others of its kind, for comparing trees.</summary>
    public virtual string Label => "";

    /// <summary>Names that the node itself gives to what is inside it.</summary>
    public virtual IEnumerable<string> Binds => [];

    /// <summary>The value when it is the same in every evaluation and warns of nothing; null when it must be evaluated.</summary>
    public virtual FeelValue? Constant => null;

    public abstract FeelValue Evaluate(FeelRun run, FeelScope scope);

    public abstract void Print(StringBuilder text);

    /// <summary>Looks for mistakes in this node and those inside, and gives its type as far as it is known.</summary>
    public virtual FeelType Check(TypeCheck check, TypeScope scope)
    {
        foreach (var child in Children)
            check.Visit(child, scope);
        return FeelType.Unknown;
    }

    public Node At(int position, int end)
    {
        Position = position;
        Length = Math.Max(0, end - position);
        var height = 0;
        foreach (var child in Children)
            height = Math.Max(height, child.Height);
        Height = height + 1;
        return this;
    }

    public string Print()
    {
        var text = new StringBuilder();
        Print(text);
        return text.ToString();
    }

    /// <summary>The tree as text without positions: two trees are the same when their dumps are.</summary>
    public string Dump()
    {
        var text = new StringBuilder();
        Dump(text);
        return text.ToString();
    }

    protected static void PrintChild(StringBuilder text, Node child, int least)
    {
        if (child.Strength >= least)
        {
            child.Print(text);
            return;
        }
        text.Append('(');
        child.Print(text);
        text.Append(')');
    }

    /// <summary>Collects the names that must come from outside. Inside a filter a name may be a member's entry, so none is collected there.</summary>
    public void CollectNames(HashSet<string> into, IReadOnlySet<string> bound)
    {
        if (this is Name name)
        {
            if (!bound.Contains(name.Text) && !name.IsBuiltIn)
                into.Add(name.Text);
            return;
        }
        var inner = Binds.ToList() is { Count: > 0 } own ? new HashSet<string>(bound.Concat(own), StringComparer.Ordinal) : bound;
        foreach (var child in this is Filter ? Children.Take(1) : Children)
            child.CollectNames(into, inner);
    }

    private void Dump(StringBuilder text)
    {
        text.Append('(').Append(GetType().Name).Append(' ').Append(Label);
        foreach (var child in Children)
        {
            text.Append(' ');
            child.Dump(text);
        }
        text.Append(')');
    }
}

/// <summary>How tightly printed forms bind, from loose to tight.</summary>
internal static class Binding
{
    public const int Loose = 0;
    public const int Or = 1;
    public const int And = 2;
    public const int Comparison = 3;
    public const int Sum = 4;
    public const int Product = 5;
    public const int Power = 6;
    public const int Negation = 7;
    public const int InstanceOf = 8;
    public const int Postfix = 9;
    public const int Primary = 10;
}
