using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;

namespace Countersign.Api.Http;

/// <summary>Looks for null among the items of lists whose element type has no question mark.</summary>
internal static class ContractNulls
{
    private static readonly ConcurrentDictionary<Type, Member[]> Known = new();

    /// <summary>Pointer of the first null, or null when there is none.</summary>
    public static string? Find(object value, string pointer)
    {
        foreach (var member in Known.GetOrAdd(value.GetType(), MembersOf))
        {
            if (member.Property.GetValue(value) is { } inside && In(inside, member.Shape, $"{pointer}/{member.Name}") is { } found)
                return found;
        }

        return null;
    }

    private static string? In(object value, Shape shape, string pointer)
    {
        if (shape.Items is null)
            return shape.IsRecord ? Find(value, pointer) : null;
        var i = 0;
        foreach (var item in (IEnumerable)value)
        {
            var at = $"{pointer}/{i++}";
            if (item is null)
            {
                if (!shape.ItemsMayBeNull)
                    return at;
            }
            else if (In(item, shape.Items, at) is { } found)
                return found;
        }

        return null;
    }

    private static Member[] MembersOf(Type type)
    {
        var nullability = new NullabilityInfoContext();
        return [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(p => new Member(p, JsonNamingPolicy.CamelCase.ConvertName(p.Name), ShapeOf(nullability.Create(p))))
            .Where(m => m.Shape.Items is not null || m.Shape.IsRecord)];
    }

    private static Shape ShapeOf(NullabilityInfo info)
    {
        var type = info.Type;
        // Only lists: the values of a map of variables are anything, null included.
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return new Shape(false, ShapeOf(info.GenericTypeArguments[0]), info.GenericTypeArguments[0].ReadState == NullabilityState.Nullable);
        return new Shape(type.IsClass && type.Assembly == typeof(Client.Problem).Assembly, null, false);
    }

    private sealed record Member(PropertyInfo Property, string Name, Shape Shape);

    private sealed record Shape(bool IsRecord, Shape? Items, bool ItemsMayBeNull);
}
