using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary>The five operators of calculation.</summary>
internal enum ArithmeticSign
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

internal static class ArithmeticSigns
{
    public static string Text(this ArithmeticSign sign) => sign switch
    {
        ArithmeticSign.Add => "+",
        ArithmeticSign.Subtract => "-",
        ArithmeticSign.Multiply => "*",
        ArithmeticSign.Divide => "/",
        _ => "**",
    };
}

/// <summary><c>a + b</c> and its like.</summary>
internal sealed class Arithmetic(ArithmeticSign sign, Node left, Node right) : Node
{
    public override int Strength => sign switch
    {
        ArithmeticSign.Add or ArithmeticSign.Subtract => Binding.Sum,
        ArithmeticSign.Power => Binding.Power,
        _ => Binding.Product,
    };

    public override IEnumerable<Node> Children => [left, right];

    public override string Label => Text;

    private string Text => sign.Text();

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var a = left.Evaluate(run, scope);
        var b = right.Evaluate(run, scope);
        if (a is FeelNumber x && b is FeelNumber y)
            return Calculate(x.Value, y.Value) is { } number ? number : run.Fail(this, NoNumber(y.Value));
        if (sign == ArithmeticSign.Add && a is FeelString s && b is FeelString t)
        {
            run.CheckText((long)s.Value.Length + t.Value.Length);
            return new FeelString(s.Value + t.Value);
        }
        return Temporals.Calculate(sign, a, b) ?? run.Fail(this, $"'{Text}' does not work with {Words.Kind(a)} and {Words.Kind(b)}.");
    }

    public override FeelType Check(TypeCheck check, TypeScope scope) => check.Calculate(this, sign, check.Visit(left, scope), check.Visit(right, scope));

    public override void Print(StringBuilder text)
    {
        PrintChild(text, left, Strength);
        text.Append(' ').Append(Text).Append(' ');
        PrintChild(text, right, Strength + 1);
    }

    private FeelNumber? Calculate(Decimal34 a, Decimal34 b)
    {
        var done = sign switch
        {
            ArithmeticSign.Add => Decimal34.TryAdd(a, b, out var sum) ? sum : default(Decimal34?),
            ArithmeticSign.Subtract => Decimal34.TrySubtract(a, b, out var difference) ? difference : null,
            ArithmeticSign.Multiply => Decimal34.TryMultiply(a, b, out var product) ? product : null,
            ArithmeticSign.Divide => Decimal34.TryDivide(a, b, out var quotient) ? quotient : null,
            _ => a.TryPower(b, out var power) ? power : null,
        };
        return done is { } value ? new FeelNumber(value) : null;
    }

    private string NoNumber(Decimal34 right)
        => sign == ArithmeticSign.Divide && right.Sign == 0 ? "A number cannot be divided by 0." : "The result is too large to be a number, or is none.";
}

/// <summary><c>-a</c>.</summary>
internal sealed class Negation(Node operand) : Node
{
    private readonly FeelNumber? _constant = operand.Constant is FeelNumber number ? new FeelNumber(number.Value.Negated()) : null;

    public override FeelValue? Constant => _constant;

    public override int Strength => Binding.Negation;

    public override IEnumerable<Node> Children => [operand];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        if (_constant is not null)
            return _constant;
        return operand.Evaluate(run, scope) switch
        {
            FeelNumber number => new FeelNumber(number.Value.Negated()),
            FeelDaysDuration duration => new FeelDaysDuration(-duration.Nanoseconds),
            FeelMonthsDuration duration => new FeelMonthsDuration(-duration.Months),
            var other => run.Fail(this, $"{Words.Kind(other)} has no negative."),
        };
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var type = check.Visit(operand, scope);
        if (TypeCheck.KindOf(type) is { } kind and not (FeelKind.Number or FeelKind.DaysAndTimeDuration or FeelKind.YearsAndMonthsDuration))
            check.Report(this, "feel.type-mismatch", $"{Words.Kind(kind)} has no negative: the result is always null.", "Remove the minus sign, or convert with number(...).");
        return type;
    }

    public override void Print(StringBuilder text)
    {
        text.Append('-');
        PrintChild(text, operand, Binding.Negation);
    }
}

/// <summary>Calculation with dates, times and durations.</summary>
internal static class Temporals
{
    private const long NanosPerDay = 86_400_000_000_000;

    /// <summary>The result; null when the operator does not work with the two.</summary>
    public static FeelValue? Calculate(ArithmeticSign sign, FeelValue left, FeelValue right) => (sign, left, right) switch
    {
        (ArithmeticSign.Add, FeelMonthsDuration or FeelDaysDuration, FeelDate or FeelTime or FeelDateTime) => Add(right, left, 1),
        (ArithmeticSign.Add, _, FeelMonthsDuration or FeelDaysDuration) => Add(left, right, 1),
        (ArithmeticSign.Subtract, _, FeelMonthsDuration or FeelDaysDuration) => Add(left, right, -1),
        (ArithmeticSign.Subtract, _, _) => Difference(left, right),
        (ArithmeticSign.Multiply, FeelNumber n, FeelDaysDuration or FeelMonthsDuration) => Scale(right, n.Value, divide: false),
        (ArithmeticSign.Multiply, FeelDaysDuration or FeelMonthsDuration, FeelNumber n) => Scale(left, n.Value, divide: false),
        (ArithmeticSign.Divide, FeelDaysDuration or FeelMonthsDuration, FeelNumber n) => Scale(left, n.Value, divide: true),
        (ArithmeticSign.Divide, FeelDaysDuration a, FeelDaysDuration b) => Ratio(a.Nanoseconds, b.Nanoseconds),
        (ArithmeticSign.Divide, FeelMonthsDuration a, FeelMonthsDuration b) => Ratio(a.Months, b.Months),
        _ => null,
    };

    private static FeelValue? Add(FeelValue left, FeelValue duration, int factor) => (left, duration) switch
    {
        (FeelDaysDuration a, FeelDaysDuration b) => FeelDaysDuration.TryCreate(a.Nanoseconds + (factor * b.Nanoseconds), out var sum) ? sum : null,
        (FeelMonthsDuration a, FeelMonthsDuration b) => FeelMonthsDuration.TryCreate((Int128)a.Months + (factor * (Int128)b.Months), out var sum) ? sum : null,
        (FeelDate a, FeelMonthsDuration b) => a.TryAddMonths(factor * b.Months, out var date) ? date : null,
        (FeelDateTime a, FeelMonthsDuration b) => a.Date.TryAddMonths(factor * b.Months, out var date) ? new FeelDateTime(date, a.Time) : null,
        (FeelDate a, FeelDaysDuration b) => AddToDate(a, factor * b.Nanoseconds),
        (FeelDateTime a, FeelDaysDuration b) => a.TryAddNanos(factor * b.Nanoseconds, out var moment) ? moment : null,
        (FeelTime a, FeelDaysDuration b) => AddToTime(a, factor * b.Nanoseconds),
        _ => null,
    };

    private static FeelDate? AddToDate(FeelDate date, Int128 nanos)
    {
        var days = Int128.DivRem(nanos, NanosPerDay);
        var whole = days.Remainder < 0 ? days.Quotient - 1 : days.Quotient;
        return FeelDate.TryFromEpochDay(date.EpochDay + (long)whole, out var sum) ? sum : null;
    }

    private static FeelTime AddToTime(FeelTime time, Int128 nanos)
    {
        var total = (((Int128)time.SecondOfDay * FeelDaysDuration.NanosPerSecond) + time.Nanosecond + nanos) % NanosPerDay;
        if (total < 0)
            total += NanosPerDay;
        var nano = (long)total;
        return new FeelTime((int)(nano / FeelDaysDuration.NanosPerSecond), (int)(nano % FeelDaysDuration.NanosPerSecond), time.Zone);
    }

    private static FeelValue? Difference(FeelValue left, FeelValue right)
    {
        if (left is FeelTime a && right is FeelTime b)
            return (a.Zone is null) == (b.Zone is null) ? new FeelDaysDuration((Int128)a.UtcNanoOfDay() - b.UtcNanoOfDay()) : null;
        if (left is not (FeelDate or FeelDateTime) || right is not (FeelDate or FeelDateTime))
            return null;
        // A date stands for its midnight in UTC.
        var from = right as FeelDateTime ?? Midnight((FeelDate)right);
        var to = left as FeelDateTime ?? Midnight((FeelDate)left);
        if ((from.Zone is null) != (to.Zone is null))
            return null;
        return FeelDaysDuration.TryCreate(to.EpochNano - from.EpochNano, out var duration) ? duration : null;
    }

    private static FeelDateTime Midnight(FeelDate date) => new(date, new FeelTime(0, 0, FeelZone.Utc));

    private static FeelValue? Scale(FeelValue duration, Decimal34 number, bool divide)
    {
        var size = duration is FeelDaysDuration days ? days.Nanoseconds : ((FeelMonthsDuration)duration).Months;
        if (!Decimal34.TryCreate((System.Numerics.BigInteger)size, 0, out var amount))
            return null;
        if (!(divide ? Decimal34.TryDivide(amount, number, out var scaled) : Decimal34.TryMultiply(amount, number, out scaled)))
            return null;
        // Durations have no parts below their unit: towards zero.
        if (!scaled.TryRescale(0, DecimalRounding.Down, out var whole) || whole.CompareTo(Decimal34.From(-9_000_000_000_000_000_000_000_000_000m)) < 0
            || whole.CompareTo(Decimal34.From(9_000_000_000_000_000_000_000_000_000m)) > 0)
            return null;
        var count = whole.Coefficient * PowersOfTen.Get(Math.Max(0, whole.Exponent));
        if (duration is FeelDaysDuration)
            return FeelDaysDuration.TryCreate(count, out var result) ? result : null;
        return FeelMonthsDuration.TryCreate(count, out var months) ? months : null;
    }

    private static FeelNumber? Ratio(Int128 left, Int128 right)
        => Decimal34.TryCreate((System.Numerics.BigInteger)left, 0, out var a) && Decimal34.TryCreate((System.Numerics.BigInteger)right, 0, out var b)
            && Decimal34.TryDivide(a, b, out var ratio) ? new FeelNumber(ratio) : null;
}
