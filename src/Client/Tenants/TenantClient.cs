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

    /// <summary>Tells that the caller has signed in to a console, so that the trail has it; for consoles whose identity provider does not tell itself.</summary>
    public Task<MeView> SignInAsync(CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<MeView>("v1/me/sign-in", null, options, cancellationToken);

    /// <summary>Tells that the caller has signed out of a console, so that the trail has it.</summary>
    public Task<MeView> SignOutAsync(CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<MeView>("v1/me/sign-out", null, options, cancellationToken);
}
