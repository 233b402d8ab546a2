using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Databases;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.TestKit.Databases;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Instances;

public sealed class StoreTests(PostgresFixture postgres)
{
    [Fact]
    public void Every_event_has_one_name_and_names_are_never_shared()
    {
        var families = typeof(Outcome).Assembly.GetTypes().Where(t => t.IsInterface && t.Name.EndsWith("Event", StringComparison.Ordinal)).ToArray();
        families.ShouldNotBeEmpty();
        var events = typeof(Outcome).Assembly.GetTypes().Where(t => t is { IsAbstract: false, IsInterface: false } && families.Any(f => f.IsAssignableFrom(t))).ToArray();
        events.Length.ShouldBeGreaterThan(30);
        events.Where(e => EventAliases.Of(e) is null).ShouldBeEmpty("give these a name in EventAliases");
        EventAliases.All.Select(a => a.Value).ShouldBeUnique();
        EventAliases.All.ShouldAllBe(a => a.Value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_' || c == '.') && a.Value.Contains('.'));
    }

    [Fact]
    public void Every_command_and_message_has_one_name()
    {
        var commands = typeof(Outcome).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(InstanceCommand))).ToArray();
        commands.Where(c => MessageAliases.Of(c) is null).ShouldBeEmpty();
        MessageAliases.All.Select(a => a.Value).ShouldBeUnique();
        foreach (var command in commands)
        {
            var handler = typeof(Workers.Instances.InstanceRunner).Assembly.GetType($"Countersign.Workers.Instances.{command.Name}Handler");
            handler.ShouldNotBeNull($"{command.Name} has no handler");
            handler.GetMethod("Handle", BindingFlags.Public | BindingFlags.Static)!.GetParameters()[0].ParameterType.ShouldBe(command);
        }
    }

    [Fact]
    public void Every_place_for_values_in_a_fact_is_known_to_the_sealer()
    {
        var holders = typeof(Outcome).Assembly.GetTypes().Where(t => !t.IsInterface && typeof(IInstanceEvent).IsAssignableFrom(t)).Where(t => HoldsValues(t, [])).Select(t => t.Name).ToArray();
        holders.ShouldBe(["VariablesSet", "StepsTaken", "JobCreated", "TaskCompleted", "DecisionRecorded", "DecisionReviewed", "EventThrown", "CallStarted", "RepetitionAdvanced", "RepetitionSliceFinished", "InstanceTakenOver"], ignoreOrder: true);

        static bool HoldsValues(Type type, HashSet<Type> seen) => type == typeof(JsonElement)
            || (seen.Add(type) && (type.IsGenericType && type.GetGenericArguments().Any(a => HoldsValues(a, seen))
                || (type.Namespace?.StartsWith("Countersign", StringComparison.Ordinal) == true && type.GetProperties().Any(p => HoldsValues(p.PropertyType, seen)))));
    }

    [Fact]
    public async Task The_reader_sees_its_own_tenant_only_whatever_it_asks()
    {
        await using var database = await RunnerHost.Database(postgres);
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary());
        var (mine, other) = (postgres.NewTenant(), postgres.NewTenant());
        foreach (var tenant in new[] { mine, other })
        {
            await node.Publish(tenant, TestProcesses.Approval);
            await node.StartInstance(tenant, "approval");
        }

        var reader = node.Host.Services.GetRequiredService<IReaderStore>();
        await using var session = reader.QuerySession(mine);
        (await session.Query<TaskRow>().ToListAsync(TestContext.Current.CancellationToken)).Count.ShouldBe(1);
        (await session.Query<TaskRow>().Where(t => t.AnyTenant()).ToListAsync(TestContext.Current.CancellationToken)).Count.ShouldBe(1);
        (await session.Events.QueryAllRawEvents().Where(e => e.AnyTenant()).ToListAsync(TestContext.Current.CancellationToken)).Select(e => e.TenantId).Distinct().ShouldBe([mine]);
        foreach (var table in await TenantTables(database))
        {
            await using var connection = await database.Connections.Reader.OpenConnectionAsync(TestContext.Current.CancellationToken);
            await using var set = new NpgsqlCommand("select set_config('app.tenant_id', $1, false)", connection) { Parameters = { new() { Value = mine } } };
            await set.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await using var foreign = new NpgsqlCommand($"select count(*) from cs.{table} where tenant_id <> $1", connection) { Parameters = { new() { Value = mine } } };
            try
            {
                ((long)(await foreign.ExecuteScalarAsync(TestContext.Current.CancellationToken))!).ShouldBe(0, table);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                // Hidden altogether.
            }
        }
    }

    [Fact]
    public async Task The_writer_cannot_change_or_remove_a_fact()
    {
        await using var database = await RunnerHost.Database(postgres);
        foreach (var sql in (string[])["update cs.mt_events set data = '{}'", "delete from cs.mt_events", "truncate cs.mt_events", "update cs.mt_streams set tenant_id = 'x'", "delete from cs.mt_streams"])
        {
            await using var command = database.Connections.Writer.CreateCommand(sql);
            (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }
    }

    [Fact]
    public void A_start_id_depends_on_tenant_credential_and_key()
    {
        StreamsOf.StartedUnder("t", "ab", "c").ShouldBe(StreamsOf.StartedUnder("t", "ab", "c"));
        StreamsOf.StartedUnder("t", "ab", "c").ShouldNotBe(StreamsOf.StartedUnder("t", "a", "bc"));
        StreamsOf.StartedUnder("t1", "a", "c").ShouldNotBe(StreamsOf.StartedUnder("t", "1a", "c"));
        var id = StreamsOf.StartedUnder("t", "ab", "c");
        id.Version.ShouldBe(8);
        StreamsOf.InstanceOf(StreamsOf.Instance(id)).ShouldBe(id);
    }

    private static async Task<List<string>> TenantTables(TestDatabase database)
    {
        await using var command = database.Connections.Migrator.CreateCommand("select table_name::text from information_schema.columns where table_schema = 'cs' and column_name = 'tenant_id'");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var tables = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            tables.Add(reader.GetString(0));
        tables.Count.ShouldBeGreaterThan(8);
        return tables;
    }
}
