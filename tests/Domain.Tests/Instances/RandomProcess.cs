using System.Globalization;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Tests.Instances;

/// <summary>Makes a random, well-formed process: blocks in sequence, choices, parallel and inclusive parts, loops, sub-processes, events on activities.</summary>
internal sealed partial class RandomProcess
{
    private readonly Random _random;
    private readonly GraphBuilder _builder = new("random");
    private int _next;
    private int _left;

    private RandomProcess(int seed, int size)
    {
        _random = new Random(seed);
        _left = size;
    }

    public static ProcessGraph Of(int seed, int size)
    {
        var process = new RandomProcess(seed, size);
        process._builder.Start().End();
        var (entry, exit) = process.Block(0);
        return process._builder.Flow("start", entry).Flow(exit, "end").Build();
    }

    private string Id(string kind) => kind + (++_next).ToString(CultureInfo.InvariantCulture);

    private (string Entry, string Exit) Block(int depth)
    {
        _left--;
        if (_left <= 0 || depth > 5)
            return Leaf();
        return _random.Next(18) switch
        {
            0 or 1 or 2 => Sequence(depth),
            3 => Split("xor", depth),
            4 => Split("and", depth),
            5 => Split("or", depth),
            6 => Loop(depth),
            7 => Sub(depth),
            8 => OnActivity(depth),
            9 => Events(),
            10 => Caught(depth),
            11 => Repeated(depth),
            12 => Undone(depth),
            13 => WithEventSubProcess(depth),
            14 => Cancelled(depth),
            15 => Escalated(depth),
            16 => AdHoc(depth),
            _ => Leaf(),
        };
    }

    private (string, string) Leaf()
    {
        var id = _random.Next(12) switch
        {
            8 => Add("shout", id => _builder.ThrowSignal(id, _random.Next(2) == 0 ? "red" : "blue")),
            9 => Add("listen", id => _builder.Signal(id, _random.Next(2) == 0 ? "red" : "blue")),
            10 => Add("until", id => _builder.Condition(id, "=a > 1")),
            11 => Add("call", id => _builder.Call(id, "other")),
            0 => Add("task", id => _builder.Task(id)),
            1 or 2 => Add("job", id => _builder.Service(id, "work", _random.Next(1, 4))),
            3 => Add("mapped", id => _builder.Service(id, "work", 2, [("=a", "in")], [("=out", "a")])),
            4 => Add("ask", id => _builder.User(id, "approvers")),
            5 => Add("script", id => _builder.Script(id, "=if b = null then 1 else b + 1", "b")),
            6 => Add("timer", id => _builder.Timer(id, "PT1H")),
            _ => Add("message", id => _builder.Message(id, "news", "=a")),
        };
        return (id, id);
    }

    private string Add(string kind, Action<string> add)
    {
        var id = Id(kind);
        add(id);
        return id;
    }

    private (string, string) Sequence(int depth)
    {
        var (entry, middle) = Block(depth + 1);
        var (next, exit) = Block(depth + 1);
        _builder.Flow(middle, next);
        return (entry, exit);
    }

    private (string, string) Split(string kind, int depth)
    {
        var (split, join) = (Id(kind), Id(kind));
        var standard = Id("f");
        foreach (var (id, isSplit) in new[] { (split, true), (join, false) })
        {
            _ = kind switch
            {
                "xor" => _builder.Exclusive(id, isSplit ? standard : null),
                "and" => _builder.Parallel(id),
                _ => _builder.Inclusive(id, isSplit ? standard : null),
            };
        }

        var ways = _random.Next(2, 4);
        for (var i = 0; i < ways; i++)
        {
            var (entry, exit) = Block(depth + 1);
            _builder.Flow(split, entry, kind == "and" || i == 0 ? null : Condition(), i == 0 ? standard : null);
            _builder.Flow(exit, join);
        }

        return (split, join);
    }

    private string Condition() => _random.Next(3) switch { 0 => "=a > 2", 1 => "=a <= 2", _ => "=b = null or b < 3" };

    private (string, string) Loop(int depth)
    {
        var (top, count, again, counter, back) = (Id("top"), Id("count"), Id("again"), Id("n"), Id("f"));
        _builder.Exclusive(top).Script(count, $"=if {counter} = null then 1 else {counter} + 1", counter);
        var (entry, exit) = Block(depth + 1);
        _builder.Path(top, count, entry).Flow(exit, again).Exclusive(again, back);
        var after = Id("task");
        _builder.Task(after).Flow(again, top, $"={counter} < 3").Flow(again, after, id: back);
        return (top, after);
    }

    private (string, string) Sub(int depth)
    {
        var (id, start, end) = (Id("sub"), Id("in"), Id("out"));
        _builder.Sub(id, _ =>
        {
            _builder.Start(start).End(end);
            var (entry, exit) = Block(depth + 1);
            _builder.Flow(start, entry).Flow(exit, end);
        });
        return (id, id);
    }

    private (string, string) OnActivity(int depth)
    {
        var (host, boundary, merge) = (Id("host"), Id("late"), Id("merge"));
        if (_random.Next(2) == 0)
            _builder.Service(host, "work");
        else
            _builder.User(host, "approvers");
        var interrupting = _random.Next(2) == 0;
        if (_random.Next(2) == 0)
            _builder.BoundaryTimer(boundary, host, interrupting ? "PT2H" : "R2/PT2H", interrupting);
        else
            _builder.BoundaryMessage(boundary, host, "hurry", interrupting);
        // What may run several times at once stands in a sub-process: joins do not tell apart tokens of one scope (BPMN 2.0.2, 13.4).
        var (entry, exit) = interrupting ? Block(depth + 1) : Sub(depth + 1);
        _builder.Flow(boundary, entry);
        if (interrupting)
        {
            _builder.Exclusive(merge).Flow(host, merge).Flow(exit, merge);
            return (host, merge);
        }

        var end = Id("end");
        _builder.End(end).Flow(exit, end);
        return (host, host);
    }

    private (string, string) Events()
    {
        var (gateway, timer, message, merge) = (Id("first"), Id("timer"), Id("message"), Id("merge"));
        _builder.EventBased(gateway).Timer(timer, "PT3H").Message(message, "choice").Exclusive(merge)
            .Path(gateway, timer, merge).Path(gateway, message, merge);
        return (gateway, merge);
    }

    private (string, string) Caught(int depth)
    {
        var (id, start, work, boom, caught, merge, fork) = (Id("sub"), Id("in"), Id("job"), Id("boom"), Id("caught"), Id("merge"), Id("and"));
        _builder.Sub(id, _ =>
        {
            _builder.Start(start).Parallel(fork).Service(work, "work").ErrorEnd(boom, "E").Path(start, fork, work, boom);
            var (entry, exit) = Block(depth + 1);
            var end = Id("end");
            _builder.End(end).Flow(fork, entry).Flow(exit, end);
        });
        _builder.BoundaryError(caught, id, "E").Exclusive(merge).Flow(caught, merge).Flow(id, merge);
        return (id, merge);
    }
}
