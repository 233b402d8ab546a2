using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Domain.Instances;

/// <summary>A digest of a record's shape: names and types of its stored properties, through all records inside.</summary>
internal static class StateFingerprint
{
    public static string Of(Type root)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<Type>();
        Visit(root, seen, lines);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..16];
    }

    private static void Visit(Type type, HashSet<Type> seen, SortedSet<string> lines)
    {
        foreach (var argument in type.GenericTypeArguments)
            Visit(argument, seen, lines);
        if (type.Assembly != typeof(StateFingerprint).Assembly || !seen.Add(type))
            return;
        if (type.IsEnum)
        {
            lines.Add($"{type.Name}={string.Join(',', Enum.GetNames(type))}");
            return;
        }

        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            lines.Add($"{type.Name}.{property.Name}:{property.PropertyType}");
            Visit(property.PropertyType, seen, lines);
        }
    }
}
