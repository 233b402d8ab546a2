using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Parsing;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Evaluation;

/// <summary><c>a.b</c>: an entry of a context, of each context of a list, or a property of a date, time, duration or range.</summary>
internal sealed class Path(Node target, string name) : Node
{
    public override int Strength => Binding.Postfix;

    public override IEnumerable<Node> Children => [target];

    public override string Label => name;

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        return Select(run, target.Evaluate(run, scope));
    }

    public override FeelType Check(TypeCheck check, TypeScope scope) => check.Select(this, check.Visit(target, scope), name);

    public override void Print(StringBuilder text)
    {
        PrintChild(text, target, Binding.Postfix);
        FeelNames.Print(text.Append('.'), name);
    }

    private FeelValue Select(FeelRun run, FeelValue from)
    {
        switch (from)
        {
            case FeelContext context:
                if (!context.TryGetValue(name, out var value))
                    return run.Fail(this, $"There is no entry '{name}' in this context.");
                return ReferenceEquals(value, FeelValue.Erased) ? run.Fail(this, $"The value of '{name}' was erased.") : value;
            case FeelList list:
                var values = new FeelValue[list.Count];
                for (var i = 0; i < values.Length; i++)
                    values[i] = Select(run, list[i]);
                return run.List(values);
            default:
                return Properties.Find(from, name) ?? run.Fail(this, $"{Words.Kind(from)} has no '{name}'.");
        }
    }
}

/// <summary><c>list[condition]</c> or <c>list[index]</c>; indexes begin with 1, negative ones count from the end.</summary>
internal sealed class Filter(Node target, Node condition) : Node
{
    public override int Strength => Binding.Postfix;

    public override IEnumerable<Node> Children => [target, condition];

    public override FeelValue Evaluate(FeelRun run, FeelScope scope)
    {
        run.Step();
        var source = target.Evaluate(run, scope);
        if (source.IsNull)
            return source;
        var list = source as FeelList ?? FeelList.Of(source);
        if (list.Count == 0)
            return condition is Literal { Value: FeelNumber } ? FeelValue.Null : list;
        return Select(run, list, item => condition.Evaluate(run, new ItemScope(item, scope))) ?? run.Fail(this, "A filter needs a whole number or a condition.");
    }

    public override FeelType Check(TypeCheck check, TypeScope scope)
    {
        var item = TypeCheck.ItemOf(check.Visit(target, scope));
        var by = check.Visit(condition, scope.WithItem(item));
        return TypeCheck.KindOf(by) switch
        {
            FeelKind.Number => item,
            FeelKind.Boolean => new ListType(item),
            _ => FeelType.Unknown,
        };
    }

    public override void Print(StringBuilder text)
    {
        PrintChild(text, target, Binding.Postfix);
        condition.Print(text.Append('['));
        text.Append(']');
    }

    /// <summary>The members for which the condition is true, or the one at the index it gives; null when it gives neither.</summary>
    public static FeelValue? Select(FeelRun run, FeelList list, Func<FeelValue, FeelValue> condition)
    {
        var kept = new List<FeelValue>();
        for (var i = 0; i < list.Count; i++)
        {
            run.Step();
            var answer = condition(list[i]);
            if (i == 0 && answer is FeelNumber number)
                return At(list, number.Value);
            if (i == 0 && answer is not (FeelBoolean or FeelNull))
                return null;
            if (answer.IsTrue)
                kept.Add(list[i]);
        }
        return run.List(kept);
    }

    private static FeelValue At(FeelList list, Decimal34 position)
    {
        if (!position.TryToInt64(out var index))
            return FeelValue.Null;
        var at = index > 0 ? index - 1 : list.Count + index;
        return index != 0 && at >= 0 && at < list.Count ? list[(int)at] : FeelValue.Null;
    }
}

/// <summary>What dates, times, durations and ranges are made of.</summary>
internal static class Properties
{
    public static FeelValue? Find(FeelValue value, string name) => value switch
    {
        FeelDate date => OfDate(date, name),
        FeelTime time => OfTime(time, null, name),
        FeelDateTime moment => OfDate(moment.Date, name) ?? OfTime(moment.Time, moment.Date, name),
        FeelDaysDuration duration => OfDays(duration, name),
        FeelMonthsDuration duration => name switch
        {
            "years" => FeelValue.From(duration.Months / 12),
            "months" => FeelValue.From(duration.Months % 12),
            _ => null,
        },
        FeelRange range => name switch
        {
            "start" => range.Start,
            "end" => range.End,
            "start included" => FeelValue.From(range.StartIncluded),
            "end included" => FeelValue.From(range.EndIncluded),
            _ => null,
        },
        _ => null,
    };

    private static FeelNumber? OfDate(FeelDate date, string name) => name switch
    {
        "year" => FeelNumber.From(date.Year),
        "month" => FeelNumber.From(date.Month),
        "day" => FeelNumber.From(date.Day),
        "weekday" => FeelNumber.From(date.Weekday),
        _ => null,
    };

    private static FeelValue? OfTime(FeelTime time, FeelDate? date, string name) => name switch
    {
        "hour" => FeelValue.From(time.Hour),
        "minute" => FeelValue.From(time.Minute),
        "second" => FeelValue.From(time.Second),
        "time offset" => time.Zone?.OffsetAt(date, time.SecondOfDay) is { } offset ? new FeelDaysDuration((Int128)offset * FeelDaysDuration.NanosPerSecond) : FeelValue.Null,
        "timezone" => FeelValue.From(time.Zone?.Name),
        _ => null,
    };

    private static FeelValue? OfDays(FeelDaysDuration duration, string name)
    {
        var seconds = (long)duration.TotalSeconds;
        return name switch
        {
            "days" => FeelValue.From(seconds / 86_400),
            "hours" => FeelValue.From(seconds / 3600 % 24),
            "minutes" => FeelValue.From(seconds / 60 % 60),
            "seconds" => FeelValue.From(seconds % 60),
            _ => null,
        };
    }
}
