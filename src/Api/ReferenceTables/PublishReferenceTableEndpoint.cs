using System.Collections.Immutable;
using System.Reflection;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.ReferenceTables;
using Countersign.Domain.ReferenceTables;
using Countersign.Workers.ReferenceTables;
using Microsoft.AspNetCore.Http.Metadata;

namespace Countersign.Api.ReferenceTables;

internal sealed class PublishReferenceTableEndpoint : IEndpoint
{
    private const long MaxBytes = 25 * 1024 * 1024;

    public static void Map(RouteTable routes) => routes.Post("/reference-tables/{name}/versions", Permission.TablesPublish, Handle)
        .Produces<ReferenceTableView>(StatusCodes.Status201Created).WithMetadata(new BodyLimit(MaxBytes)).WithTags("Reference tables")
        .WithSummary("Publishes rows as a new version of a table, all or nothing");

    private static Task<IResult> Handle(string name, TableBody body, Call call, Writes writes, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var command = new PublishReferenceTable(name, body.Columns, body.Rows, body.Key, call.Actor);
        return writes.Change(call, ReferenceTableStreams.Publish(call.TenantId, command, now), result =>
        {
            var s = result.State!;
            return Answer.Created($"/v1/reference-tables/{s.Name}", new ReferenceTableView(s.Name, s.Version, [.. s.Columns], [.. s.Key], s.Rows, s.Hash, now, call.Caller.Id));
        });
    }

    /// <summary>Rows as JSON or as CSV.</summary>
    private sealed class TableBody : IRequestBody, IEndpointParameterMetadataProvider
    {
        public ProblemAnswer? Problem { get; private init; }

        public byte[] Hash { get; private init; } = [];

        public ImmutableArray<string> Columns { get; private init; } = [];

        public ImmutableArray<string> Key { get; private init; } = [];

        public ImmutableArray<ImmutableArray<string?>> Rows { get; private init; } = [];

        public static async ValueTask<TableBody?> BindAsync(HttpContext context, ParameterInfo parameter)
        {
            if (BodyReader.IsType(context.Request, "text/csv"))
                return await OfCsv(context);
            var json = (await JsonBody<PublishReferenceTableRequest>.BindAsync(context, parameter))!;
            if (json.Problem is not null)
                return new TableBody { Problem = json.Problem };
            var r = json.Value;
            return new TableBody { Hash = json.Hash, Columns = [.. r.Columns], Key = [.. r.Key ?? []], Rows = [.. r.Rows.Select(row => row.ToImmutableArray())] };
        }

        public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
            builder.Metadata.Add(new AcceptsMetadata(["application/json", "text/csv"], typeof(PublishReferenceTableRequest)));

        private static async Task<TableBody> OfCsv(HttpContext context)
        {
            var (bytes, problem) = await BodyReader.Read(context);
            if (problem is not null)
                return new TableBody { Problem = problem };
            var (table, wrong) = CsvTable.Read(bytes);
            if (table is null)
                return new TableBody { Problem = Problems.Invalid("", wrong!) };
            var key = context.Request.Query["keyColumn"];
            return new TableBody
            {
                Hash = System.Security.Cryptography.SHA256.HashData(bytes),
                Columns = table.Columns,
                Key = [.. key.OfType<string>()],
                Rows = table.Rows,
            };
        }
    }
}
