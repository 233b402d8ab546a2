using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Trail;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Trail;

public sealed class EventTableTests(PostgresFixture postgres)
{
    private static readonly string[] Covered =
        ["seq_id", "id", "stream_id", "version", "data", "type", "timestamp", "tenant_id", "correlation_id", "causation_id", "headers", "user_name"];

    /// <summary>Listed as not covered in docs/reference/trail-format.md.</summary>
    private static readonly string[] NotCovered = ["mt_dotnet_type", "is_archived", "bdata"];

    [Fact]
    public async Task Every_column_of_the_event_table_is_in_the_leaf_record_or_listed_as_left_out()
    {
        await using var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(), new TrailTables()]);
        await using var command = database.Connections.Writer.CreateCommand(
            "select array_agg(attname::text) from pg_attribute where attrelid = 'cs.mt_events'::regclass and attnum > 0 and not attisdropped");
        var columns = (string[])(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        columns.ShouldBe([.. Covered, .. NotCovered], ignoreOrder: true);
        await using var read = database.Connections.Writer.CreateCommand($"select {StoredEvent.Columns} from cs.mt_events e where false");
        await read.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
