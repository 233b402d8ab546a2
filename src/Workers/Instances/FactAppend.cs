using System.Globalization;
using System.Text;
using Countersign.Domain.Instances;
using Countersign.Projections.Store;
using Marten;

namespace Countersign.Workers.Instances;

/// <summary>Gathers the facts of a batch and hands them to the database in one statement (<see cref="FactTables"/>).</summary>
internal sealed class FactAppend(ISerializer serializer)
{
    /// <summary>Type of an instance's stream, as the store names it.</summary>
    private const string StreamType = "instance_state";

    private readonly List<string> _tenants = [];
    private readonly List<string> _streams = [];
    private readonly List<long> _expected = [];
    private readonly List<long> _versions = [];
    private readonly List<int> _places = [];
    private readonly List<long> _factVersions = [];
    private readonly List<Guid> _ids = [];
    private readonly List<string> _types = [];
    private readonly List<string> _bodies = [];
    private readonly List<string> _causes = [];
    private readonly List<string?> _traces = [];
    private readonly List<string> _users = [];

    /// <summary>Adds the facts of one instance; how many bytes they have, as UTF-8 JSON.</summary>
    public long Add(InstanceChange change)
    {
        var bytes = 0L;
        // Also a new stream says that it must be new: a second start of the same id is a lost race, not a longer stream.
        _tenants.Add(change.Key.TenantId);
        _streams.Add(StreamsOf.Instance(change.Key.InstanceId));
        _expected.Add(change.Before.Version);
        _versions.Add(change.Version);
        for (var i = 0; i < change.Facts.Count; i++)
        {
            var (fact, by) = change.Facts[i];
            _places.Add(_tenants.Count);
            _factVersions.Add(change.Before.Version + i + 1);
            _ids.Add(Guid.CreateVersion7());
            _types.Add(TypeOf(fact));
            var body = serializer.ToJson(fact);
            _bodies.Add(body);
            bytes += Encoding.UTF8.GetByteCount(body);
            _causes.Add(by.Id.ToString("D", CultureInfo.InvariantCulture));
            _traces.Add(by.TraceId);
            _users.Add(by.Command.By.Id);
        }

        return bytes;
    }

    public void Queue(IDocumentSession session)
    {
        if (_places.Count == 0)
            return;
        session.QueueSqlCommand($"call {FactTables.Append}(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _tenants.ToArray(), _streams.ToArray(), _expected.ToArray(), _versions.ToArray(), StreamType, _places.ToArray(), _factVersions.ToArray(), _ids.ToArray(),
            _types.ToArray(), _bodies.ToArray(), _causes.ToArray(), _traces.ToArray(), _users.ToArray());
    }

    private static string TypeOf(IInstanceEvent fact) =>
        EventAliases.Of(fact.GetType()) ?? throw new InvalidOperationException($"{fact.GetType().Name} has no name in the trail: add it to the table of aliases.");
}
