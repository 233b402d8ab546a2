using System.Collections.Immutable;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Processes;
using Countersign.Workers.Instances;

namespace Countersign.Api.Instances;

internal sealed class MigrateInstanceEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/instances/{id:guid}/migrate", Permission.InstancesOperate, Handle).Produces<MigrationView>().TakesIfMatch().WithTags("Instances")
        .WithSummary("Lets an instance run another version of its process from where it stands, or judges whether it could");

    private static async Task<IResult> Handle(Guid id, JsonBody<MigrateInstanceRequest> body, Call call, InstanceMigrations migrations)
    {
        var r = body.Value;
        return (Reasons.Problem(r.Reason) ?? Problem(r.Version, r.Mapping)) is { } problem ? problem : await migrations.Do(call, id, r);
    }

    /// <summary>What is wrong with a version and a mapping, or null.</summary>
    public static ProblemAnswer? Problem(int version, IReadOnlyDictionary<string, string>? mapping) =>
        version < 1 ? Problems.Invalid("/version", "A version is a whole number from 1.")
        : mapping is { Count: > 500 } ? Problems.Invalid("/mapping", "At most 500 elements are mapped; those that keep their ids need no entry.")
        : mapping?.FirstOrDefault(m => m.Value is null or "" || m.Key.Length == 0) is { Key: not null } bad ? Problems.Invalid("/mapping", $"'{bad.Key}' is mapped to nothing. Name the element of the other version, or leave it out.")
        : null;
}
