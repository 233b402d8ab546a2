using Countersign.Projections.Databases;
using Countersign.Workers.Instances;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Hosting;

/// <summary>
/// Wakes those who wait in this process when a node's transaction says so: one listening connection, shared by all. A lost notice only
/// costs the time until the waiter looks by itself.
/// </summary>
public sealed partial class Notices(DatabaseConnections connections, TimeProvider time, ILogger<Notices> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Channel, string Text), Heard> _heard = [];

    /// <summary>Listens for notices of one text on a channel, until disposed of. What is kept is bounded by who listens.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="text">What the notice says; others wake nobody.</param>
    public Listening Listen(string channel, string text)
    {
        lock (_gate)
        {
            if (!_heard.TryGetValue((channel, text), out var heard))
                _heard.Add((channel, text), heard = new Heard());
            heard.Listeners++;
            return new Listening(this, channel, text, heard);
        }
    }

    /// <summary>How many listen for a text on a channel.</summary>
    internal int Listeners(string channel, string text)
    {
        lock (_gate)
            return _heard.TryGetValue((channel, text), out var heard) ? heard.Listeners : 0;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Listen(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is NpgsqlException or IOException or TimeoutException)
            {
                Lost(error);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Listen(CancellationToken cancellation)
    {
        await using var connection = await connections.Writer.OpenConnectionAsync(cancellation);
        connection.Notification += (_, notice) => Wake(notice.Channel, notice.Payload);
        await using (var listen = new NpgsqlCommand($"listen {Channels.Jobs}; listen {Channels.Timers}; listen {Channels.Inference}; listen {Channels.Trail}; listen {Channels.Attempts}", connection))
            await listen.ExecuteNonQueryAsync(cancellation);
        // What was said while nobody listened is caught up with by one look.
        WakeAll();
        while (true)
            await connection.WaitAsync(cancellation);
    }

    private void Wake(string channel, string text)
    {
        TaskCompletionSource? waiting = null;
        lock (_gate)
        {
            if (_heard.TryGetValue((channel, text), out var heard))
                (waiting, heard.Next) = (heard.Next, Heard.New());
        }

        waiting?.TrySetResult();
    }

    private void WakeAll()
    {
        var all = new List<TaskCompletionSource>();
        lock (_gate)
        {
            foreach (var heard in _heard.Values)
            {
                all.Add(heard.Next);
                heard.Next = Heard.New();
            }
        }

        all.ForEach(a => a.TrySetResult());
    }

    private void Leave(string channel, string text, Heard heard)
    {
        lock (_gate)
        {
            if (--heard.Listeners == 0)
                _heard.Remove((channel, text));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection for notices was lost; listening again.")]
    private partial void Lost(Exception error);

    /// <summary>Somebody who listens.</summary>
    public sealed class Listening : IDisposable
    {
        private readonly Notices _notices;
        private readonly (string Channel, string Text) _key;
        private readonly Heard _heard;
        private bool _left;

        internal Listening(Notices notices, string channel, string text, Heard heard) => (_notices, _key, _heard) = (notices, (channel, text), heard);

        /// <summary>Ends at the next notice. Ask before looking, so that nothing slips between.</summary>
        public Task Next
        {
            get
            {
                lock (_notices._gate)
                    return _heard.Next.Task;
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (_left)
                return;
            _left = true;
            _notices.Leave(_key.Channel, _key.Text, _heard);
        }
    }

    /// <summary>Who is woken together.</summary>
    internal sealed class Heard
    {
        public int Listeners { get; set; }

        public TaskCompletionSource Next { get; set; } = New();

        public static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
