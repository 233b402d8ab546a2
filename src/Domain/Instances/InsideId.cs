using System.Globalization;

namespace Countersign.Domain.Instances;

/// <summary>
/// Ids of what lives inside an instance and is named from outside (tasks, jobs, timers, subscriptions, incidents, decisions):
/// <c>instance-sequence</c>, the instance as 32 lower-case hex digits.
/// </summary>
public static class InsideId
{
    private const int GuidLength = 32;

    /// <summary>The id of the thing with this sequence number.</summary>
    public static string Of(Guid instance, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{instance:N}-{sequence}");

    /// <summary>Reads an id; false when it is not written exactly as <see cref="Of"/> writes it.</summary>
    public static bool TryParse(string? id, out Guid instance, out long sequence)
    {
        instance = default;
        sequence = 0;
        return id is { Length: > GuidLength + 1 and < GuidLength + 21 } && id[GuidLength] == '-' && id[GuidLength + 1] != '0' && !id.AsSpan(0, GuidLength).ContainsAnyInRange('A', 'Z')
            && Guid.TryParseExact(id.AsSpan(0, GuidLength), "N", out instance)
            && long.TryParse(id.AsSpan(GuidLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
    }

    /// <summary>The sequence number at the end of an id or of a token id; 0 when there is none.</summary>
    internal static long SequenceOf(string? id)
    {
        if (id is null)
            return 0;
        var digits = id.AsSpan(id.LastIndexOf('-') + 1);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0;
    }
}
