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

    private static Task<IResult> Handle(Call call, Lists lists) => lists.Page<ProcessVersionHead, ProcessListItem>(
        call,
        async (session, after, take) =>
        {
            var from = after?[0] ?? "";
            var heads = await session.Query<ProcessVersion>().Where(v => v.ProcessKey.CompareTo(from) > 0)
                .OrderBy(v => v.ProcessKey).Select(v => new ProcessVersionHead(v.ProcessKey, v.Number, v.Name, v.Hash, v.PublishedAt)).ToListAsync(call.Cancellation);
            return [.. heads.GroupBy(h => h.ProcessKey, StringComparer.Ordinal).Select(g => g.MaxBy(h => h.Number)!).OrderBy(h => h.ProcessKey, StringComparer.Ordinal).Take(take)];
        },
        h => [h.ProcessKey],
        h => new ProcessListItem(h.ProcessKey, h.Name ?? h.ProcessKey, h.Number, h.Hash, h.PublishedAt));

    /// <summary>A version without its sources.</summary>
    internal sealed record ProcessVersionHead(string ProcessKey, int Number, string? Name, string Hash, DateTimeOffset PublishedAt);
}
