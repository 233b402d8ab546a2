using System.Runtime.InteropServices;

namespace Countersign.Workers.Instances;

/// <summary>
/// Which writer carries out a command: by the instance's id, or, while a tenant sends a crowd, the express writer for tenants that have few commands under way. So nobody waits behind a crowd's batches. Two commands of one
/// instance are never in two open batches of this node: the second goes where the first is.
/// </summary>
/// <param name="writers">Writers of instances, numbered from 0; the express writer has the number behind them.</param>
/// <param name="crowd">A tenant with more commands under way than this is a crowd.</param>
internal sealed class WriterChoice(int writers, int crowd)
{
    /// <summary>Commands that a tenant may have under way and still be called quiet.</summary>
    private const int Few = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ofTenant = new(StringComparer.Ordinal);
    private readonly Dictionary<InstanceKey, (int Writer, int Commands)> _ofInstance = [];
    private int _crowds;

    /// <summary>Counts a command in and says which writer is to carry it out.</summary>
    public int Enter(InstanceKey key)
    {
        lock (_lock)
        {
            ref var ofTenant = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofTenant, key.TenantId, out _);
            if (++ofTenant == crowd + 1)
                _crowds++;
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofInstance, key, out var isUnderWay);
            if (!isUnderWay)
                place.Writer = _crowds > 0 && ofTenant <= Few ? writers : (int)((uint)key.InstanceId.GetHashCode() % (uint)writers);
            place.Commands++;
            return place.Writer;
        }
    }

    /// <summary>Counts a command out, once it is answered or refused.</summary>
    public void Leave(InstanceKey key)
    {
        lock (_lock)
        {
            if (_ofTenant[key.TenantId]-- == crowd + 1)
                _crowds--;
            if (_ofTenant[key.TenantId] == 0)
                _ofTenant.Remove(key.TenantId);
            var (writer, commands) = _ofInstance[key];
            if (commands == 1)
                _ofInstance.Remove(key);
            else
                _ofInstance[key] = (writer, commands - 1);
        }
    }
}
