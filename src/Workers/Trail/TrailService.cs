using Countersign.Projections.Databases;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Trail;

/// <summary>
/// Keeps the trail: waits for the lease, then sequences and signs until it is stopped or loses its connection. Woken by the event store's notification; looks by itself as well.
/// </summary>
public sealed partial class TrailService(DatabaseConnections connections, TrailOptions options, ITrailKeys keys, ISecondPlace place, TrailAlarms alarms, TimeProvider clock, TrailFaults faults, ILogger<TrailService> logger)
    : BackgroundService
{
    /// <summary>Channel on which an export asks for a checkpoint; the payload is the tenant.</summary>
    public const string Wanted = "trail_checkpoint_wanted";

    /// <summary>Channel on which the event store says that events were appended.</summary>
    public const string Appended = "mt_events_appended";

    /// <summary>"trail" and a number nobody else takes by chance.</summary>
    private const long Lease = 0x747261696c_01;

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly TrailSigner _signer = new(connections.Statements, options, keys, place, alarms, clock, faults);

    /// <summary>Whether this node holds the lease now.</summary>
    public bool IsLeading { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sequencer = new TrailSequencer(connections.Statements, options, _signer, alarms, clock, faults);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await connections.Writer.OpenConnectionAsync(stoppingToken);
                if (await TakeLease(connection, stoppingToken))
                    await Lead(connection, sequencer, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping; what is not signed yet is signed after the next start.
                break;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or InvalidDataException or FormatException or TimeoutException)
            {
                Failed(e, e.Message);
            }
            finally
            {
                IsLeading = false;
                sequencer.Forget();
            }
            await Pause(stoppingToken);
        }
    }

    private async Task Lead(NpgsqlConnection connection, TrailSequencer sequencer, CancellationToken stop)
    {
        IsLeading = true;
        Leading();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        connection.Notification += (_, n) =>
        {
            if (n.Channel == Wanted)
                asked.Add(n.Payload);
        };
        await using (var listen = new NpgsqlCommand($"listen {Appended}; listen {Wanted}", connection))
            await listen.ExecuteNonQueryAsync(stop);
        await _signer.Start(stop);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            PassResult pass;
            do
            {
                pass = await sequencer.Pass(stop);
                await _signer.SignDue(new HashSet<string>(StringComparer.Ordinal), stop);
            }
            while (pass.More && asked.Count == 0);
            if (asked.Count > 0)
            {
                var now = asked.ToHashSet(StringComparer.Ordinal);
                asked.Clear();
                // What was committed before the wish was spoken must be under the checkpoint.
                while ((await sequencer.Pass(stop)).More)
                {
                }
                await _signer.SignDue(now, stop);
            }
            var longest = pass.Waits ? options.Poll : options.Idle;
            var wait = _signer.NextDue() is { } due && due < longest ? due : longest;
            if (wait > TimeSpan.Zero)
                await connection.WaitAsync(wait, stop);
        }
    }

    /// <summary>The lease ends with the connection, however the process ends.</summary>
    private static async Task<bool> TakeLease(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = Lease } } };
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private async Task Pause(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Again, clock, cancel);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This node keeps the trail.")]
    private partial void Leading();

    [LoggerMessage(Level = LogLevel.Error, Message = "The trail stands still and is tried again in a second: {Reason}")]
    private partial void Failed(Exception e, string reason);
}
