using Countersign.Projections.Databases;

namespace Countersign.Api.Hosting;

/// <summary>
/// What this node does (<c>Countersign:Roles</c>): any of <c>api</c>, <c>console</c>, <c>workers</c>; unset means all three.
/// </summary>
internal sealed record NodeRoles(bool Api, bool Console, bool Workers)
{
    /// <summary>A node that is only a console reaches the system through the API, like any partner, and opens no database.</summary>
    public bool NeedsDatabase => Api || Workers;

    public static NodeRoles From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Countersign:Roles");
        // Both forms are usual: one text with commas, or a list.
        var words = (section.Value ?? string.Join(',', section.GetChildren().Select(c => c.Value)))
            .Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(w => w.ToLowerInvariant())
            .ToHashSet(StringComparer.Ordinal);
        if (words.Count == 0)
            return new NodeRoles(Api: true, Console: true, Workers: true);
        var unknown = words.Except(["api", "console", "workers"], StringComparer.Ordinal).ToList();
        return unknown.Count == 0
            ? new NodeRoles(words.Contains("api"), words.Contains("console"), words.Contains("workers"))
            : throw new StartUpException($"The setting Countersign:Roles names '{string.Join(", ", unknown)}': use api, console and workers, separated by commas, or leave it unset for all three.");
    }

    public override string ToString() =>
        string.Join(", ", new[] { Api ? "api" : null, Console ? "console" : null, Workers ? "workers" : null }.OfType<string>());
}
