using Countersign.Client;
using Countersign.Projections.Store;
using Marten;

namespace Countersign.Api.Http;

/// <summary>Queries of requests: the reader's store, the caller's tenant, a page at a time by the key of the last item.</summary>
internal sealed class Lists(IReaderStore store, Cursors cursors)
{
    /// <summary>A session of the caller's tenant that can only read.</summary>
    public IQuerySession Open(Call call) => store.QuerySession(call.TenantId);

    /// <summary>One page of a list.</summary>
    /// <typeparam name="TRow">What is read.</typeparam>
    /// <typeparam name="TItem">What is answered.</typeparam>
    /// <param name="call">The call.</param>
    /// <param name="query">Reads up to so many rows that come after the position given (null at the start), in the list's order.</param>
    /// <param name="positionOf">Position of a row: unique, and in the list's order.</param>
    /// <param name="map">Row to item.</param>
    public async Task<IResult> Page<TRow, TItem>(Call call, Func<IQuerySession, string[]?, int, Task<IReadOnlyList<TRow>>> query, Func<TRow, string[]> positionOf, Func<TRow, TItem> map)
    {
        var (page, problem) = cursors.Read(call.Http, call.TenantId);
        if (problem is not null)
            return problem;
        await using var session = Open(call);
        // One more than asked tells whether there is a next page.
        var rows = await query(session, page.After, page.Limit + 1);
        var next = rows.Count > page.Limit ? cursors.Seal(call.Http, call.TenantId, positionOf(rows[page.Limit - 1])) : null;
        return Answer.Ok(new Page<TItem>([.. rows.Take(page.Limit).Select(map)], next));
    }

    /// <summary>One thing, or 404.</summary>
    public async Task<IResult> One<TRow>(Call call, Func<IQuerySession, Task<TRow?>> find, Func<TRow, Answer> map)
        where TRow : class
    {
        await using var session = Open(call);
        return await find(session) is { } row ? map(row) : Problems.NotFound();
    }
}
