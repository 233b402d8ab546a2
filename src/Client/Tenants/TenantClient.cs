using Countersign.Client.Members;

namespace Countersign.Client.Tenants;

/// <summary>The caller and the caller's tenant.</summary>
public sealed class TenantClient
{
    private readonly Transport transport;

    internal TenantClient(Transport transport) => this.transport = transport;

    /// <summary>The caller's tenant.</summary>
    public Task<TenantView> GetAsync(CancellationToken cancellationToken = default) => transport.Get<TenantView>("v1/tenant", cancellationToken);

    /// <summary>Who the caller is and may do.</summary>
    public Task<MeView> GetMeAsync(CancellationToken cancellationToken = default) => transport.Get<MeView>("v1/me", cancellationToken);
}
