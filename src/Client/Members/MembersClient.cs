namespace Countersign.Client.Members;

/// <summary>Members.</summary>
public sealed class MembersClient
{
    private readonly Transport transport;

    internal MembersClient(Transport transport) => this.transport = transport;

    /// <summary>All members by name.</summary>
    public IAsyncEnumerable<MemberView> ListAsync(CancellationToken cancellationToken = default) => transport.Pages<MemberView>("v1/members", cancellationToken);

    /// <summary>A member.</summary>
    public Task<MemberView> GetAsync(string id, CancellationToken cancellationToken = default) => transport.Get<MemberView>($"v1/members/{Query.Escape(id)}", cancellationToken);

    /// <summary>Sets what a member may do; in force everywhere within ten seconds.</summary>
    /// <param name="id">The member.</param>
    /// <param name="request">Roles, groups and state.</param>
    /// <param name="version">The member's version as last read; a newer one is a 412.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<MemberView> UpdateAsync(string id, UpdateMemberRequest request, long version, CancellationToken cancellationToken = default) =>
        transport.Change<MemberView>(HttpMethod.Put, $"v1/members/{Query.Escape(id)}", request, version, cancellationToken);
}
