using Marten;

namespace Countersign.Projections.Store;

/// <summary>
/// The store that answers queries: role reader, row security forced, the tenant set on each session
/// (<c>store.QuerySession(tenantId)</c>). It cannot write.
/// </summary>
public interface IReaderStore : IDocumentStore;
