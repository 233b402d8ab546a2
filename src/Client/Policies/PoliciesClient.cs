namespace Countersign.Client.Policies;

/// <summary>Decision policies and their versions.</summary>
public sealed class PoliciesClient
{
    private readonly Transport transport;

    internal PoliciesClient(Transport transport) => this.transport = transport;

    /// <summary>Drafts a version. It governs nothing until another person approves it.</summary>
    public Task<PolicyVersionView> DraftAsync(string key, DraftPolicyRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<PolicyVersionView>($"v1/policies/{Query.Escape(key)}/versions", request, options, cancellationToken);

    /// <summary>Approves a draft and puts it in force. Who drafted it is refused.</summary>
    public Task<PolicyVersionView> PublishAsync(string key, int version, PublishPolicyRequest request, CallOptions? options = null,
        CancellationToken cancellationToken = default) =>
        transport.Post<PolicyVersionView>($"v1/policies/{Query.Escape(key)}/versions/{version}/publish", request, options, cancellationToken);

    /// <summary>Turns a draft down.</summary>
    public Task<PolicyVersionView> RejectAsync(string key, int version, RejectPolicyRequest request, CallOptions? options = null,
        CancellationToken cancellationToken = default) =>
        transport.Post<PolicyVersionView>($"v1/policies/{Query.Escape(key)}/versions/{version}/reject", request, options, cancellationToken);

    /// <summary>Sets or releases the kill switch.</summary>
    public Task<PolicyListItem> SetKillSwitchAsync(string key, PolicyKillSwitchRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<PolicyListItem>($"v1/policies/{Query.Escape(key)}/kill-switch", request, options, cancellationToken);

    /// <summary>All policies by key.</summary>
    public IAsyncEnumerable<PolicyListItem> ListAsync(CancellationToken cancellationToken = default) => transport.Pages<PolicyListItem>("v1/policies", cancellationToken);

    /// <summary>Versions of a policy, the newest first.</summary>
    public IAsyncEnumerable<PolicyVersionView> ListVersionsAsync(string key, CancellationToken cancellationToken = default) =>
        transport.Pages<PolicyVersionView>($"v1/policies/{Query.Escape(key)}/versions", cancellationToken);

    /// <summary>One version.</summary>
    public Task<PolicyVersionView> GetVersionAsync(string key, int version, CancellationToken cancellationToken = default) =>
        transport.Get<PolicyVersionView>($"v1/policies/{Query.Escape(key)}/versions/{version}", cancellationToken);
}
