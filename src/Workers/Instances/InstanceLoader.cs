using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Projections.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Instances;

/// <summary>What one query found for a batch.</summary>
/// <param name="Instances">Every instance of the batch, up to date.</param>
/// <param name="Receipts">Receipts that exist, by tenant and id.</param>
/// <param name="CommittedBy">Facts in the loaded tails by the command that yielded them (their causation id).</param>
internal sealed record LoadedBatch(Dictionary<InstanceKey, LoadedInstance> Instances, Dictionary<(string TenantId, string Id), CommandReceipt> Receipts,
    Dictionary<Guid, List<object>> CommittedBy);

/// <summary>
/// Brings the states of a batch up to date with one round trip: receipts, snapshots, and of every stream the facts behind the
/// version that is known here. That nothing newer comes back is the proof that a cached state is current.
/// </summary>
internal sealed class InstanceLoader(NpgsqlDataSource source, FieldSealer sealer)
{
    private static readonly FrozenDictionary<string, Type> Types =
        EventAliases.All.Where(a => a.Key.IsAssignableTo(typeof(IInstanceEvent))).ToFrozenDictionary(a => a.Value, a => a.Key, StringComparer.Ordinal);

    // One statement. (A batch of statements also met a fault of Npgsql 10.0.3 with automatic preparation: "BindComplete while expecting ReadyForQuery".)
    private const string Query = $"select kind, tenant, id, version, type, data, cause from {FactTables.Load}($1, $2, $3, $4, $5, $6, $7)";

    public async Task<LoadedBatch> Load(IReadOnlyList<CommandWork> batch, Func<InstanceKey, LoadedInstance?> known, CancellationToken cancellation)
    {
        var keys = batch.Select(w => w.Key).Distinct().ToArray();
        var states = keys.ToDictionary(k => k, k => known(k) ?? LoadedInstance.None);
        var receiptKeys = batch.Where(w => w.ReceiptId is not null).Select(w => (w.Command.TenantId, Id: w.ReceiptId!)).Distinct().ToArray();
        await using var command = source.CreateCommand(Query);
        Add(command, keys.Select(k => k.TenantId).ToArray());
        Add(command, keys.Select(k => StreamsOf.Instance(k.InstanceId)).ToArray());
        Add(command, keys.Select(IdOf).ToArray());
        command.Parameters.Add(new NpgsqlParameter { Value = keys.Select(k => states[k].Version).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        command.Parameters.AddWithValue(InstanceState.Fingerprint);
        Add(command, receiptKeys.Select(r => r.TenantId).ToArray());
        Add(command, receiptKeys.Select(r => r.Id).ToArray());
        var receipts = new Dictionary<(string, string), CommandReceipt>();
        var snapshots = new Dictionary<InstanceKey, InstanceSnapshot>();
        var tails = new Dictionary<InstanceKey, List<StoredFact>>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                Read(reader, receipts, snapshots, tails);
        }

        var committed = new Dictionary<Guid, List<object>>();
        await Fold(states, snapshots, tails, committed, cancellation);
        return new LoadedBatch(states, receipts, committed);
    }

    private async Task Fold(Dictionary<InstanceKey, LoadedInstance> states, Dictionary<InstanceKey, InstanceSnapshot> snapshots,
        Dictionary<InstanceKey, List<StoredFact>> tails, Dictionary<Guid, List<object>> committed, CancellationToken cancellation)
    {
        var keys = await sealer.KeysFor(
            snapshots.SelectMany(s => FieldSealer.MarkersIn(s.Key.TenantId, s.Value.State))
                .Concat(tails.SelectMany(t => t.Value.SelectMany(f => FieldSealer.MarkersIn(t.Key.TenantId, f.Text)))),
            cancellation);
        foreach (var (key, snapshot) in snapshots)
            states[key] = Restore(key, snapshot, keys);
        foreach (var (key, facts) in tails)
        {
            var state = states[key];
            foreach (var fact in facts.OrderBy(f => f.Version))
            {
                if (fact.Version != state.Version + 1)
                    throw new InstanceLoadException($"The stream of instance {key.InstanceId} has version {fact.Version} where {state.Version + 1} was expected.");
                var stored = Read(key, fact);
                var opened = fact.Text.Contains(SealedValue.Marker, StringComparison.Ordinal) ? sealer.Open(stored, key.TenantId, key.InstanceId, keys) : stored;
                state = state.With(opened, stored) with { Bytes = state.Bytes + Encoding.UTF8.GetByteCount(fact.Text) };
                if (fact.CausedBy is { } cause)
                    (committed.TryGetValue(cause, out var list) ? list : committed[cause] = []).Add(opened);
            }

            states[key] = state;
        }
    }

    private LoadedInstance Restore(InstanceKey key, InstanceSnapshot snapshot, SubjectKeys keys)
    {
        var stored = snapshot.State.Deserialize<InstanceState>(StoreJson.Options)!;
        var state = sealer.OpenTree(snapshot.State, key.TenantId, key.InstanceId, keys) is { } opened ? opened.Deserialize<InstanceState>(StoreJson.Options)! : stored;
        return new LoadedInstance(state, stored, snapshot.StreamVersion, snapshot.StreamVersion, snapshot.Bytes);
    }

    private static IInstanceEvent Read(InstanceKey key, StoredFact fact)
    {
        if (!Types.TryGetValue(fact.Alias, out var type))
            throw new InstanceLoadException($"Instance {key.InstanceId} has a fact '{fact.Alias}' that this version does not know. Start the version that wrote it, or a newer one.");
        return (IInstanceEvent)JsonSerializer.Deserialize(fact.Text, type, StoreJson.Options)!;
    }

    private static void Read(NpgsqlDataReader reader, Dictionary<(string, string), CommandReceipt> receipts, Dictionary<InstanceKey, InstanceSnapshot> snapshots,
        Dictionary<InstanceKey, List<StoredFact>> tails)
    {
        var (tenant, id, data) = (reader.GetString(1), reader.GetString(2), reader.GetString(5));
        switch (reader.GetInt32(0))
        {
            case 0:
                receipts[(tenant, id)] = JsonSerializer.Deserialize<CommandReceipt>(data, StoreJson.Options)!;
                break;
            case 1:
                snapshots[new InstanceKey(tenant, Guid.Parse(id))] = JsonSerializer.Deserialize<InstanceSnapshot>(data, StoreJson.Options)!;
                break;
            default:
                var key = new InstanceKey(tenant, StreamsOf.InstanceOf(id)!.Value);
                var cause = reader.IsDBNull(6) || !Guid.TryParse(reader.GetString(6), out var command) ? (Guid?)null : command;
                (tails.TryGetValue(key, out var list) ? list : tails[key] = []).Add(new StoredFact(reader.GetInt64(3), reader.GetString(4), data, cause));
                break;
        }
    }

    private static string IdOf(InstanceKey key) => key.InstanceId.ToString("D", System.Globalization.CultureInfo.InvariantCulture);

    private static void Add(NpgsqlCommand command, string[] texts) =>
        command.Parameters.Add(new NpgsqlParameter { Value = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar });

    private readonly record struct StoredFact(long Version, string Alias, string Text, Guid? CausedBy);
}

/// <summary>A stream cannot be read as it is stored.</summary>
public sealed class InstanceLoadException(string message) : Exception(message);
