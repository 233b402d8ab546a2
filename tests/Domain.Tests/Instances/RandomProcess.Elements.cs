using Countersign.Domain.Processes;

namespace Countersign.Domain.Tests.Instances;

/// <content>Repetition, compensation, event sub-processes, transactions, escalation, ad-hoc parts.</content>
internal sealed partial class RandomProcess
{
    /// <summary>A task or sub-process that is repeated: in parallel, one after the other, or as a loop.</summary>
    private (string, string) Repeated(int depth)
    {
        var (id, _) = _random.Next(2) == 0 ? Sub(depth) : Work();
        switch (_random.Next(4))
        {
            case 0:
                _builder.ForEach(id, "=[1, 2, a]", sequential: false, outputs: ("all", "=item"), until: _random.Next(2) == 0 ? "=numberOfCompletedInstances = 2" : null);
                break;
            case 1:
                _builder.ForEach(id, "=[a, 2]", sequential: true, outputs: ("all", "=loopCounter"));
                break;
            case 2:
                _builder.ForEach(id, null, sequential: _random.Next(2) == 0, count: "=a");
                break;
            default:
                _builder.While(id, "=a > 2", testBefore: _random.Next(2) == 0, most: 3);
                break;
        }

        if (_random.Next(3) > 0)
            return (id, id);
        var (late, merge) = (Id("late"), Id("merge"));
        _builder.BoundaryTimer(late, id, "PT2H").Exclusive(merge).Flow(id, merge).Flow(late, merge);
        return (id, merge);
    }

    /// <summary>Two activities that can be undone, one in a sub-process, and an event that undoes one or all.</summary>
    private (string, string) Undone(int depth)
    {
        var (outer, start, undo) = (Id("sub"), Id("in"), Id("undo"));
        var end = Id("end");
        _builder.Sub(outer, b =>
        {
            var (first, second) = (Id("job"), Id("job"));
            b.Start(start).Service(first, "work").Undo(Id("undone"), first, "work");
            b.Service(second, "work").Undo(Id("undone"), second, "work");
            if (_random.Next(3) == 0)
                b.ForEach(second, "=[1, a]", sequential: _random.Next(2) == 0);
            var (inner, innerStart, innerJob, innerEnd) = (Id("sub"), Id("in"), Id("job"), Id("end"));
            b.Sub(inner, i => i.Start(innerStart).Service(innerJob, "work").End(innerEnd).Undo(Id("undone"), innerJob, "work").Path(innerStart, innerJob, innerEnd));
            b.Compensate(undo, _random.Next(3) == 0 ? second : null, wait: _random.Next(4) > 0);
            var (entry, exit) = Block(depth + 1);
            b.End(end).Path(start, first, inner, second, undo, entry).Flow(exit, end);
        });
        return (outer, outer);
    }

    /// <summary>A sub-process with an event sub-process inside: interrupting or not, of any trigger.</summary>
    private (string, string) WithEventSubProcess(int depth)
    {
        var (id, start, end) = (Id("sub"), Id("in"), Id("end"));
        _builder.Sub(id, b =>
        {
            b.Start(start).End(end);
            var (entry, exit) = Block(depth + 1);
            b.Flow(start, entry).Flow(exit, end);
            var interrupting = _random.Next(2) == 0;
            var (kind, what) = _random.Next(6) switch
            {
                0 => (ElementKind.MessageStart, "news"),
                1 => (ElementKind.SignalStart, "green"),
                2 => (ElementKind.TimerStart, interrupting ? "PT4H" : "R2/PT1H"),
                3 => (ElementKind.ConditionalStart, "=a = 4"),
                4 => (ElementKind.EscalationStart, (string?)null),
                _ => (ElementKind.ErrorStart, "E"),
            };
            var on = Id("on");
            b.On(on, kind, what, interrupting || kind == ElementKind.ErrorStart, inside =>
            {
                var (reaction, last) = Block(depth + 1);
                var over = Id("end");
                inside.End(over).Flow(on + "-start", reaction).Flow(last, over);
            });
        });
        return (id, id);
    }

    /// <summary>A transaction that may cancel itself, with work to undo.</summary>
    private (string, string) Cancelled(int depth)
    {
        var (id, start, job, choice, cancel, end) = (Id("tx"), Id("in"), Id("job"), Id("xor"), Id("cancel"), Id("end"));
        var standard = Id("f");
        _builder.Transaction(id, b =>
        {
            b.Start(start).Service(job, "work").Undo(Id("undone"), job, "work").Exclusive(choice, standard).CancelEnd(cancel).End(end).Path(start, job);
            var (entry, exit) = Block(depth + 1);
            b.Flow(job, entry).Flow(exit, choice).Flow(choice, end, null, standard).Flow(choice, cancel, "=a > 2");
        });
        var (caught, merge) = (Id("cancelled"), Id("merge"));
        _builder.BoundaryCancel(caught, id).Exclusive(merge).Flow(id, merge).Flow(caught, merge);
        return (id, merge);
    }

    /// <summary>A sub-process that escalates while it runs.</summary>
    private (string, string) Escalated(int depth)
    {
        var (id, start, up, end) = (Id("sub"), Id("in"), Id("up"), Id("end"));
        _builder.Sub(id, b =>
        {
            b.Start(start).ThrowEscalation(up, _random.Next(2) == 0 ? "high" : "low").End(end);
            var (entry, exit) = Block(depth + 1);
            b.Path(start, up, entry).Flow(exit, end);
        });
        var interrupting = _random.Next(2) == 0;
        var boundary = Id("caught");
        _builder.BoundaryEscalation(boundary, id, "high", interrupting);
        if (!interrupting)
        {
            _builder.End(Id("end"));
            _builder.Flow(boundary, "end" + _next.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return (id, id);
        }

        var merge = Id("merge");
        _builder.Exclusive(merge).Flow(id, merge).Flow(boundary, merge);
        return (id, merge);
    }

    private (string, string) AdHoc(int depth)
    {
        var id = Id("adhoc");
        var sequential = _random.Next(2) == 0;
        _builder.AdHoc(id, sequential, b =>
        {
            Work();
            Work();
            if (depth < 3)
                Sub(depth + 2);
        }, _random.Next(2) == 0 ? "=a = 3" : null);
        return (id, id);
    }

    private (string, string) Work()
    {
        var id = Id("job");
        _builder.Service(id, "work", _random.Next(1, 4));
        return (id, id);
    }
}
