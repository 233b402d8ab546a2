using System.Text.Json;
using Countersign.Api.Decisions;
using Countersign.Api.Documents;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Decisions;
using Countersign.Client.Documents;
using Countersign.Client.Tasks;
using Countersign.Domain.Instances;
using Countersign.Projections.Documents;
using Countersign.Projections.Processes;
using Marten;
using TaskState = Countersign.Domain.Instances.TaskState;
using TaskView = Countersign.Client.Tasks.TaskView;

namespace Countersign.Api.Tasks;

internal sealed class GetTaskEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/tasks/{id}", Permission.TasksRead, Handle).Produces<TaskView>().WithTags("Tasks")
        .WithSummary("Everything needed to answer a task");

    private static async Task<IResult> Handle(string id, Call call, Lists lists, InstanceReader instances, DecisionReader decisions)
    {
        if (DecisionReader.InstanceOf(id) is not { } instance || await instances.Find(call.TenantId, instance, call.Cancellation) is not { } reading
            || !reading.State.Tasks.TryGetValue(id, out var task)
            || (!TaskAccess.Oversees(call.Caller) && !TaskAccess.IsCandidate(call.Actor, task.Assignee, task.Groups, task.Users)))
            return Problems.NotFound();
        await using var session = lists.Open(call);
        var decision = task.DecisionId is { } d ? await decisions.Find(call.TenantId, reading, d, call.Cancellation) : null;
        var form = await Form(session, reading.State, task.FormId, call.Cancellation);
        var document = await Document(session, reading.State, call.Cancellation);
        var barred = TaskAccess.Barred(call.Caller.Id, task.SeparateFrom) is not null;
        return Answer.Ok(View(id, task, reading, form, document, decision, call, barred), reading.Version);
    }

    private static TaskView View(string id, TaskState task, InstanceReading reading, JsonElement? form, DocumentView? document, DecisionView? decision, Call call, bool barred)
    {
        var s = reading.State;
        var verbs = task.Verdicts.IsDefaultOrEmpty ? ["complete"] : task.Verdicts;
        var editable = !barred && verbs.Contains("correct");
        return new TaskView(id, s.Id, s.ProcessKey, s.Version, task.ElementId, task.Name, task.Why, task.Priority, task.DueAt, task.CreatedAt, task.Assignee, [.. task.Groups],
            s.BusinessKey, form, TaskFields.Of(form, s, decision, editable), document, decision, decision?.Checks ?? [],
            [.. task.SeparateFrom.Select(x => new DutyView(x.MemberId, x.Duty, x.MemberId == call.Caller.Id, TaskAccess.Sentence(x, x.MemberId == call.Caller.Id)))],
            [.. verbs], Domain.Instances.TaskView.Of(s, id)!.Digest);
    }

    private static async Task<JsonElement?> Form(IQuerySession session, InstanceState state, string? formId, CancellationToken cancellation)
    {
        if (formId is null || await session.LoadAsync<ProcessVersion>(state.ProcessVersionId, cancellation) is not { } version)
            return null;
        foreach (var file in version.Files.Where(f => string.Equals(f.Kind, "form", StringComparison.OrdinalIgnoreCase)))
        {
            var schema = JsonElement.Parse(file.Content.Span);
            if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() == formId)
                return schema;
        }

        return null;
    }

    private static async Task<DocumentView?> Document(IQuerySession session, InstanceState state, CancellationToken cancellation)
    {
        if (!state.Variables.TryGetValue(InstanceState.RootScope, out var variables) || !variables.TryGetValue("document", out var document)
            || document.ValueKind != JsonValueKind.Object || !document.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String || !id.TryGetGuid(out var key))
            return null;
        return await session.LoadAsync<DocumentRecord>(key, cancellation) is { } record ? DocumentViews.Of(record) : null;
    }
}
