using Countersign.Projections.Batches;
using Countersign.Workers.Batches;

namespace Countersign.Api.Batches;

/// <summary>What the routes that ask for a batch and for its end share.</summary>
internal sealed class BatchSteps(BatchProgress progress, BatchRunner runner, BatchValues values, BatchChoice choice, TimeProvider clock)
{
    public BatchProgress Progress => progress;

    public BatchRunner Runner => runner;

    public BatchValues Values => values;

    public BatchChoice Choice => choice;

    public DateTimeOffset Now => clock.GetUtcNow();
}
