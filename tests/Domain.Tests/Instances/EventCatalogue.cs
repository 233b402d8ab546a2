using Countersign.Domain.Instances;

namespace Countersign.Domain.Tests.Instances;

/// <summary>All kinds of facts of an instance, found by reflection: what must be complete is compared with this.</summary>
internal static class EventCatalogue
{
    public static IReadOnlyList<Type> Types { get; } =
        [.. typeof(IInstanceEvent).Assembly.GetTypes().Where(t => t.IsClass && !t.IsAbstract && t.IsAssignableTo(typeof(IInstanceEvent))).OrderBy(t => t.Name, StringComparer.Ordinal)];
}
