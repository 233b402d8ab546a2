using System.Diagnostics.Metrics;
using Countersign.Workers.Telemetry;

namespace Countersign.Workers.Instances;

/// <summary>Counters of one runner; also published as metrics.</summary>
public sealed class RunnerStatistics
{
    private static readonly Counter<long> CommandCount = WorkersTelemetry.Meter.CreateCounter<long>("countersign.runner.commands", "{command}", "Commands answered");
    private static readonly Counter<long> CommitCount = WorkersTelemetry.Meter.CreateCounter<long>("countersign.runner.commits", "{commit}", "Transactions committed");
    private static readonly Counter<long> FailureCount = WorkersTelemetry.Meter.CreateCounter<long>("countersign.runner.failed_batches", "{batch}", "Batches that failed and were carried out one by one");
    private static readonly Counter<long> RefusalCount = WorkersTelemetry.Meter.CreateCounter<long>("countersign.runner.overloaded", "{command}", "Commands refused because too many waited");
    private long _commands;
    private long _commits;
    private long _failedBatches;
    private long _batches;
    private long _refused;

    /// <summary>Commands answered.</summary>
    public long Commands => Interlocked.Read(ref _commands);

    /// <summary>Transactions committed; a batch that stores nothing has none.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Batches begun.</summary>
    public long Batches => Interlocked.Read(ref _batches);

    /// <summary>Batches that failed as a whole and were carried out one by one.</summary>
    public long FailedBatches => Interlocked.Read(ref _failedBatches);

    /// <summary>Commands refused because too many waited.</summary>
    public long Overloaded => Interlocked.Read(ref _refused);

    internal void Answered(int commands)
    {
        Interlocked.Add(ref _commands, commands);
        CommandCount.Add(commands);
    }

    internal void Committed()
    {
        Interlocked.Increment(ref _commits);
        CommitCount.Add(1);
    }

    internal void Began() => Interlocked.Increment(ref _batches);

    internal void Failed()
    {
        Interlocked.Increment(ref _failedBatches);
        FailureCount.Add(1);
    }

    internal void Refused()
    {
        Interlocked.Increment(ref _refused);
        RefusalCount.Add(1);
    }
}
