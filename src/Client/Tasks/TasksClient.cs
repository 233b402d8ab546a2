namespace Countersign.Client.Tasks;

/// <summary>Tasks of people.</summary>
public sealed class TasksClient
{
    private readonly Transport transport;

    internal TasksClient(Transport transport) => this.transport = transport;

    /// <summary>Open tasks the caller may see: the most important first, then the oldest.</summary>
    public IAsyncEnumerable<TaskListItem> ListAsync(TaskFilter? filter = null, CancellationToken cancellationToken = default) =>
        transport.Pages<TaskListItem>(Path(filter), cancellationToken);

    /// <summary>One page of open tasks.</summary>
    public Task<Page<TaskListItem>> ListPageAsync(TaskFilter? filter = null, int limit = 50, string? cursor = null, CancellationToken cancellationToken = default) =>
        transport.Get<Page<TaskListItem>>(Query.Of(Path(filter), ("limit", limit), ("cursor", cursor)), cancellationToken);

    /// <summary>Everything needed to answer a task.</summary>
    public Task<TaskView> GetAsync(string id, CancellationToken cancellationToken = default) => transport.Get<TaskView>($"v1/tasks/{Query.Escape(id)}", cancellationToken);

    /// <summary>Takes a task out of its groups' pool for the caller.</summary>
    public Task<TaskResult> ClaimAsync(string id, CallOptions? options = null, CancellationToken cancellationToken = default) => Act(id, "claim", null, options, cancellationToken);

    /// <summary>Puts a claimed task back.</summary>
    public Task<TaskResult> ReleaseAsync(string id, CallOptions? options = null, CancellationToken cancellationToken = default) => Act(id, "release", null, options, cancellationToken);

    /// <summary>Gives a task to another member.</summary>
    public Task<TaskResult> ReassignAsync(string id, ReassignTaskRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Act(id, "reassign", request, options, cancellationToken);

    /// <summary>Answers a task.</summary>
    public Task<TaskResult> CompleteAsync(string id, CompleteTaskRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Act(id, "complete", request, options, cancellationToken);

    private Task<TaskResult> Act(string id, string act, object? body, CallOptions? options, CancellationToken cancellationToken) =>
        transport.Post<TaskResult>($"v1/tasks/{Query.Escape(id)}/{act}", body, options, cancellationToken);

    private static string Path(TaskFilter? f) => Query.Of("v1/tasks", ("mine", f?.Mine), ("group", f?.Group), ("process", f?.Process), ("instance", f?.Instance));
}
