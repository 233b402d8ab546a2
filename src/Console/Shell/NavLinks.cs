using Countersign.Client.Members;

namespace Countersign.Console.Shell;

/// <summary>Where a person can go. A link is shown to those whose permissions open its page; the API decides all the same.</summary>
internal sealed record NavItem(string Href, string Label, string Icon, string? Permission);

internal sealed record NavGroup(string? Title, IReadOnlyList<NavItem> Items);

internal static class NavLinks
{
    public static IReadOnlyList<NavGroup> All { get; } =
    [
        new(null,
        [
            new("/inbox", "Inbox", "inbox", "tasks.read"),
            new("/dashboard", "Dashboard", "speedometer2", "dashboards.read"),
            new("/documents", "Upload", "cloud-arrow-up", "documents.upload"),
        ]),
        new("Work",
        [
            new("/instances", "Instances", "list-task", "instances.read"),
            new("/incidents", "Incidents", "exclamation-triangle", "incidents.read"),
            new("/batches", "Batches", "list-task", "batches.run"),
            new("/decisions", "Decisions", "signpost-split", "decisions.read"),
            new("/trail", "Trail", "shield-check", "trail.read"),
        ]),
        new("Set up",
        [
            new("/processes", "Processes", "diagram-3", "processes.read"),
            new("/policies", "Policies", "sliders", "policies.read"),
            new("/reference-tables", "Reference tables", "table", "reference_tables.read"),
            new("/webhooks", "Webhooks", "broadcast", "webhooks.manage"),
            new("/keys", "API keys", "key", "keys.manage"),
            new("/members", "Members", "people", "members.read"),
            new("/usage", "Usage", "speedometer2", "usage.read"),
        ]),
    ];

    public static IEnumerable<NavGroup> For(MeView me) => All
        .Select(group => group with { Items = [.. group.Items.Where(item => May(me, item.Permission))] })
        .Where(group => group.Items.Count > 0);

    public static bool May(MeView me, string? permission) => permission is null || me.Permissions.Contains(permission, StringComparer.Ordinal);
}
