using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client;
using Countersign.Client.Tasks;
using Countersign.Domain.Instances;
using Marten;

namespace Countersign.Api.Tasks;

internal sealed class ListTasksEndpoint : IEndpoint
{
    // Rows are few (open tasks only); candidates are found in memory after the indexed part, in steps of this size.
    private const int Step = 500;

    public static void Map(RouteTable routes) => routes.Get("/tasks", Permission.TasksRead, Handle).Produces<Page<TaskListItem>>().WithTags("Tasks")
        .WithSummary("Open tasks the caller may see: the most important first, then the oldest");

    private static Task<IResult> Handle(bool? mine, KeyText? group, KeyText? process, Guid? instance, Call call, Lists lists, InstanceReader reader) =>
        lists.Page<(TaskRow Row, InstanceState? State), TaskListItem>(
            call,
            async (session, after, take) =>
            {
                var rows = await Rows(session, mine, group?.Value, process?.Value, instance, call, after, take);
                var found = new List<(TaskRow, InstanceState?)>(rows.Count);
                foreach (var row in rows)
                    found.Add((row, (await reader.Find(call.TenantId, row.InstanceId, call.Cancellation))?.State));
                return found;
            },
            r => Position(r.Row),
            r => Item(r.Row, r.State, call));

    private static async Task<List<TaskRow>> Rows(IQuerySession session, bool? mine, string? group, string? process, Guid? instance, Call call, string[]? after, int take)
    {
        var found = new List<TaskRow>();
        var oversees = TaskAccess.Oversees(call.Caller);
        while (found.Count < take)
        {
            IQueryable<TaskRow> query = session.Query<TaskRow>();
            if (mine == true)
                query = query.Where(t => t.Assignee == call.Caller.Id);
            else if (mine == false)
                query = query.Where(t => t.Assignee == null);
            if (process is not null)
                query = query.Where(t => t.ProcessKey == process);
            if (instance is { } one)
                query = query.Where(t => t.InstanceId == one);
            if (after is not null)
            {
                var (priority, at, id) = (int.Parse(after[0], CultureInfo.InvariantCulture), DateTimeOffset.Parse(after[1], CultureInfo.InvariantCulture), after[2]);
                query = query.Where(t => t.Priority < priority || (t.Priority == priority && (t.CreatedAt > at || (t.CreatedAt == at && t.Id.CompareTo(id) > 0))));
            }

            var step = await query.OrderByDescending(t => t.Priority).ThenBy(t => t.CreatedAt).ThenBy(t => t.Id).Take(Step).ToListAsync(call.Cancellation);
            found.AddRange(step.Where(t => (group is null || t.Groups.Contains(group)) && (oversees || TaskAccess.IsCandidate(call.Actor, t.Assignee, t.Groups, t.Users))));
            if (step.Count < Step)
                break;
            after = Position(step[^1]);
        }

        return [.. found.Take(take)];
    }

    private static string[] Position(TaskRow row) => [row.Priority.ToString(CultureInfo.InvariantCulture), row.CreatedAt.ToString("O", CultureInfo.InvariantCulture), row.Id];

    private static TaskListItem Item(TaskRow t, InstanceState? state, Call call) => new(t.Id, t.InstanceId, t.ProcessKey, t.ElementId, t.Name, t.Why, t.Priority, t.DueAt, t.CreatedAt,
        t.Assignee, [.. t.Groups], t.BusinessKey, t.DecisionId, TaskAccess.Barred(call.Caller.Id, t.SeparateFrom), state is null ? [] : TaskSubjects.Of(state));
}
