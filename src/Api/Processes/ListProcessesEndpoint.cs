using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Processes;
using Countersign.Projections.Processes;
using Marten;

namespace Countersign.Api.Processes;

internal sealed class ListProcessesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/processes", Permission.ProcessesRead, Handle).Produces<Page<ProcessListItem>>().WithTags("Processes")
        .WithSummary("Processes by key, each with its newest version");

    private static Task<IResult> Handle(Call call, Lists lists) => lists.Page<(ProcessVersionHead Newest, ProcessHead? Head), ProcessListItem>(
        call,
        async (session, after, take) =>
        {
            var from = after?[0] ?? "";
            var heads = await session.Query<ProcessVersion>().Where(v => v.ProcessKey.CompareTo(from) > 0)
                .OrderBy(v => v.ProcessKey).Select(v => new ProcessVersionHead(v.ProcessKey, v.Number, v.Name, v.Hash, v.PublishedAt)).ToListAsync(call.Cancellation);
            var page = heads.GroupBy(h => h.ProcessKey, StringComparer.Ordinal).Select(g => g.MaxBy(h => h.Number)!).OrderBy(h => h.ProcessKey, StringComparer.Ordinal).Take(take).ToList();
            var rows = (await session.LoadManyAsync<ProcessHead>(call.Cancellation, page.Select(h => h.ProcessKey))).ToDictionary(h => h.Id, StringComparer.Ordinal);
            return [.. page.Select(h => (h, rows.TryGetValue(h.ProcessKey, out var row) && row.Newest == h.Number ? row : null))];
        },
        p => [p.Newest.ProcessKey],
        p => new ProcessListItem(p.Newest.ProcessKey, p.Newest.Name ?? p.Newest.ProcessKey, p.Newest.Number, p.Newest.Hash, p.Newest.PublishedAt, p.Head?.InForce ?? p.Newest.Number, p.Head?.Candidate?.Number));

    /// <summary>A version without its sources.</summary>
    internal sealed record ProcessVersionHead(string ProcessKey, int Number, string? Name, string Hash, DateTimeOffset PublishedAt);
}
