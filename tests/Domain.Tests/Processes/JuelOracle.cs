using System.Collections.Immutable;
using System.Globalization;
using CsCheck;

namespace Countersign.Domain.Tests.Processes;

/// <summary>
/// Conditions in JUEL and what they give by the rules of the Unified Expression Language 2.1 (1.8 relations and equality, 1.9 logic, 1.18 coercion), written without FEEL: what the
/// translation is compared with.
/// </summary>
internal sealed class JuelOracle
{
    /// <summary>A condition, or an operand.</summary>
    /// <param name="Of">Evaluates; notes coercions, throws where the other engine does.</param>
    internal sealed record Term(string Text, Func<JuelOracle, object?> Of)
    {
        public (bool Stopped, bool Coerced, bool Value) Evaluate(IReadOnlyDictionary<string, object?> variables)
        {
            var run = new JuelOracle(variables);
            try
            {
                return Of(run) is bool value ? (false, run._coerced, value) : (true, run._coerced, false);
            }
            catch (StopException)
            {
                return (true, run._coerced, false);
            }
        }
    }

    private sealed class StopException : Exception;

    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Signs = ["==", "!=", "<", "<=", ">", ">=", "eq", "lt"];
    private static readonly object?[] Values = [null, true, false, 1, 2, -3.5, "x", "y", "2", "true", ""];
    private readonly IReadOnlyDictionary<string, object?> _variables;
    private bool _coerced;

    private JuelOracle(IReadOnlyDictionary<string, object?> variables) => _variables = variables;

    /// <summary>Values of some of the variables; each may be unset.</summary>
    public static Gen<ImmutableSortedDictionary<string, object?>> Variables { get; } = Gen.Int[-1, Values.Length - 1].Array[Names.Length]
        .Select(picks => picks.Select((pick, i) => (pick, i)).Where(p => p.pick >= 0).ToImmutableSortedDictionary(p => Names[p.i], p => Values[p.pick]));

    private static Gen<Term> Path { get; } = Gen.Int[0, Names.Length - 1].Select(i => Names[i]).Select(name => new Term(name, run => run._variables.TryGetValue(name, out var value) ? value : throw new StopException()));

    private static Gen<Term> Literal { get; } = Gen.Int[1, Values.Length - 1].Select(i => Values[i]).Select(value => new Term(value switch
    {
        string text => $"'{text}'",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    }, _ => value));

    /// <summary>Conditions of at most this depth.</summary>
    public static Gen<Term> Conditions(int depth)
    {
        var compared = Gen.Select(Path, Gen.Frequency((1, Path), (3, Literal)), Gen.Int[0, Signs.Length - 1].Select(i => Signs[i])).Select((left, right, sign) =>
            new Term($"{left.Text} {sign} {right.Text}", run => run.Compare(sign, left.Of(run), right.Of(run))));
        if (depth == 0)
            return Gen.Frequency((1, Path), (3, compared));
        var inner = Conditions(depth - 1);
        return Gen.Frequency(
            (3, compared),
            (1, Path),
            (2, inner.Select(i => new Term($"!({i.Text})", run => !run.Truth(i.Of(run))))),
            (2, Gen.Select(inner, inner).Select((l, r) => new Term($"({l.Text}) && ({r.Text})", run => run.Truth(l.Of(run)) && run.Truth(r.Of(run))))),
            (2, Gen.Select(inner, inner).Select((l, r) => new Term($"({l.Text}) or ({r.Text})", run => run.Truth(l.Of(run)) || run.Truth(r.Of(run))))));
    }

    private bool Truth(object? value)
    {
        if (value is bool truth)
            return truth;
        if (value is null)
            return false;
        _coerced = true;
        return value is string text ? string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) : throw new StopException();
    }

    private bool Compare(string sign, object? left, object? right)
    {
        if (sign is "==" or "eq")
            return Equal(left, right);
        if (sign == "!=")
            return !Equal(left, right);
        if (left is null || right is null)
            return left is null && right is null && sign is "<=" or ">=" && left == right;
        var order = Order(left, right);
        return sign switch { "<" or "lt" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private bool Equal(object? left, object? right)
    {
        if (left is null || right is null)
            return left is null && right is null;
        if (left is bool || right is bool)
        {
            _coerced |= left is not bool || right is not bool;
            return IsNumber(left) || IsNumber(right) ? throw new StopException() : Truth(left) == Truth(right);
        }

        return Order(left, right) == 0;
    }

    private int Order(object left, object right)
    {
        _coerced |= left.GetType() != right.GetType() && !(IsNumber(left) && IsNumber(right));
        if (IsNumber(left) || IsNumber(right))
            return Number(left).CompareTo(Number(right));
        if (left is string || right is string)
            return string.CompareOrdinal(Convert.ToString(left, CultureInfo.InvariantCulture), Convert.ToString(right, CultureInfo.InvariantCulture));
        // Truths can be ordered there; here they cannot.
        _coerced = true;
        return ((bool)left).CompareTo((bool)right);
    }

    private static bool IsNumber(object value) => value is int or double;

    private static double Number(object value) => value switch
    {
        string { Length: 0 } => 0,
        string text => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : throw new StopException(),
        bool => throw new StopException(),
        _ => Convert.ToDouble(value, CultureInfo.InvariantCulture),
    };
}
