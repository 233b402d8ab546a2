using System.Threading.Channels;

namespace Countersign.Projections.Databases;

/// <summary>
/// Puts what many callers ask for at the same moment into one statement. No timer: who comes alone is served at once, and while a statement is under
/// way the next group gathers.
/// </summary>
/// <typeparam name="TWish">What one caller asks for.</typeparam>
/// <typeparam name="TAnswer">What it gets.</typeparam>
/// <param name="ask">Answers a group, one answer for each wish in their order; what it throws, each of the group gets.</param>
/// <param name="most">Wishes in one group at most.</param>
/// <param name="lanes">Groups under way at once at most: with two, a slow one does not hold up all.</param>
public sealed class Grouping<TWish, TAnswer>(Func<IReadOnlyList<TWish>, Task<TAnswer[]>> ask, int most, int lanes)
{
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(10_000);
    private int _busy;

    /// <summary>Asks, and waits for the answer. Who gives up leaves the others of its group alone.</summary>
    public async Task<TAnswer> Ask(TWish wish, CancellationToken cancellation)
    {
        var waiting = new Waiting(wish);
        await _waiting.Writer.WriteAsync(waiting, cancellation);
        OpenLane();
        return await waiting.Answer.Task.WaitAsync(cancellation);
    }

    // A lane of its own, so that no caller is kept to serve those who come after it; and without the caller's trace, which is not that of the group.
    private void OpenLane()
    {
        var busy = Volatile.Read(ref _busy);
        while (busy < lanes)
        {
            var seen = Interlocked.CompareExchange(ref _busy, busy + 1, busy);
            if (seen == busy)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static grouping => _ = grouping.Serve(), this, preferLocal: false);
                return;
            }

            busy = seen;
        }
    }

    private async Task Serve()
    {
        var group = new List<Waiting>();
        while (true)
        {
            while (group.Count < most && _waiting.Reader.TryRead(out var next))
                group.Add(next);
            if (group.Count == 0)
            {
                Interlocked.Decrement(ref _busy);
                // Somebody may have come between the last look and the leaving, and found every lane taken.
                if (_waiting.Reader.Count > 0)
                    OpenLane();
                return;
            }

            await Answer(group);
            group.Clear();
        }
    }

    private async Task Answer(List<Waiting> group)
    {
        try
        {
            var answers = await ask([.. group.Select(w => w.Wish)]);
            for (var i = 0; i < group.Count; i++)
                group[i].Answer.TrySetResult(answers[i]);
        }
        catch (Exception error)
        {
            // Each of those who asked hears why.
            foreach (var waiting in group)
                waiting.Answer.TrySetException(error);
        }
    }

    private sealed record Waiting(TWish Wish)
    {
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
