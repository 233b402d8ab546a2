using System.Collections.Immutable;

namespace Countersign.Domain.Instances;

/// <summary>Segregation of duties: who did an earlier part may not sign this one.</summary>
internal static class Duties
{
    /// <summary>The duty of having started the instance.</summary>
    public const string Initiator = "initiator";

    /// <summary>Who is barred by these duties as things stand.</summary>
    public static ImmutableArray<Separation> Of(InstanceState state, ImmutableArray<string> duties)
    {
        var barred = ImmutableArray.CreateBuilder<Separation>();
        foreach (var duty in duties)
        {
            if (duty == Initiator)
                barred.Add(new Separation(state.StartedBy, Initiator));
            foreach (var member in state.Completers.GetValueOrDefault(duty, []))
                barred.Add(new Separation(member, duty));
        }

        return barred.DrainToImmutable();
    }

    /// <summary>Who is barred from an open task: by what was so when it was made, and by what came since.</summary>
    public static ImmutableArray<Separation> Of(InstanceState state, TaskState task, ImmutableArray<string> duties) => [.. task.SeparateFrom.Union(Of(state, duties))];

    /// <summary>What was checked for a member and how it came out, in words.</summary>
    public static string InWords(ImmutableArray<Separation> barred, ImmutableArray<string> duties)
    {
        if (duties.IsEmpty)
            return "No separation of duties is asked for.";
        var parts = duties.Select(duty =>
        {
            var who = barred.Where(s => s.Duty == duty).Select(s => s.MemberId).ToList();
            return who.Count == 0 ? $"{duty} (nobody yet)" : $"{duty} ({string.Join(", ", who)})";
        });
        return $"Passed: a different person than {string.Join(", ", parts)}.";
    }
}
