using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Projections.Store;
using Npgsql;

namespace Countersign.Workers.Trail.Exports;

/// <summary>Reads what belongs to one decision: the record, the tasks that countersigned it, what people answered.</summary>
internal sealed class DossierSource(NpgsqlDataSource source, IExportContents contents, string tenant)
{
    private static readonly string[] Types = ["instance.started", "instance.taken_over", "instance.continued", "task.created", "task.claimed", "task.completed", "decision.reviewed"];

    /// <summary>The page for a decision.</summary>
    public async Task<string> Write(string origin, long leaf, StoredEvent recorded, CancellationToken cancel)
    {
        var data = await Open(recorded, cancel);
        var id = data.Of("decision").Text("decisionId");
        var around = new List<(StoredEvent Event, JsonElement Data)>();
        var tasks = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stored in await Read(recorded, cancel))
        {
            var said = await Open(stored, cancel);
            if (stored.Type == "task.created" && said.Text("decisionId") == id)
                tasks.Add(Place(said.Text("taskId")));
            var belongs = stored.Type switch
            {
                "instance.started" or "instance.taken_over" => stored.Stream == recorded.Stream,
                "instance.continued" => false,
                "decision.reviewed" => said.Text("decisionId") == id,
                _ => tasks.Contains(Place(said.Text("taskId"))),
            };
            if (belongs)
                around.Add((stored, said));
        }
        return Dossier.Html(origin, leaf, recorded, data.Of("decision"), around);
    }

    /// <summary>A task keeps its number when its instance goes on in a successor.</summary>
    private static string Place(string taskId) => taskId[(taskId.LastIndexOf('-') + 1)..];

    /// <summary>What belongs to the instance that decided, and to those in which it goes on.</summary>
    private async Task<List<StoredEvent>> Read(StoredEvent recorded, CancellationToken cancel)
    {
        var events = new List<StoredEvent>();
        for (var stream = recorded.Stream; stream is not null;)
        {
            var more = await Read(stream, cancel);
            events.AddRange(more);
            stream = more.LastOrDefault(e => e.Type == "instance.continued") is { } end && JsonSerializer.Deserialize<InstanceContinued>(end.Data, StoreJson.Options) is { } continued
                ? StreamsOf.Instance(continued.SuccessorId) : null;
        }

        return events;
    }

    private async Task<List<StoredEvent>> Read(string stream, CancellationToken cancel)
    {
        await using var command = source.CreateCommand($"select {StoredEvent.Columns} from cs.mt_events e where e.tenant_id = $1 and e.stream_id = $2 and e.type = any($3) order by e.version");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = Types });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var events = new List<StoredEvent>();
        while (await rows.ReadAsync(cancel))
            events.Add(StoredEvent.Read(rows));
        return events;
    }

    private async Task<JsonElement> Open(StoredEvent stored, CancellationToken cancel)
    {
        using var document = JsonDocument.Parse(stored.Data);
        return await contents.OpenFields(tenant, stored.Stream, document.RootElement.Clone(), cancel);
    }
}
