namespace Countersign.Domain.Instances;

/// <summary>
/// How long an instance may get. Counted are its facts as they are stored, a run of steps as one: the version of its stream. While a command is decided its own
/// facts count one by one, since nothing of them is packed yet.
/// </summary>
public static class InstanceLimits
{
    /// <summary>Code of the incident with which an instance stops.</summary>
    public const string Incident = "engine.event_limit";

    /// <summary>Code of the incident with which an instance of few but large facts stops.</summary>
    public const string SizeIncident = "engine.size_limit";

    /// <summary>The limit of an instance: the service's, unless an operator has raised it.</summary>
    /// <param name="state">The instance.</param>
    /// <param name="limits">The service's.</param>
    public static int Of(InstanceState state, DecideLimits limits)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        return Math.Max(state.EventLimit ?? 0, limits.Events);
    }

    /// <summary>Why a run stops here, with both ways out.</summary>
    internal static Problem Reached(InstanceState state, DecideLimits limits) => new(Incident,
        $"The instance has {state.Events} facts, and {Of(state, limits)} are allowed. Raise its limit (to {DecideLimits.MostEvents} at most) and retry the incident, or continue the instance in a successor, which takes over everything that is open.");

    /// <summary>Why a run stops here when the facts are few and large.</summary>
    /// <param name="context">What is stored, and the limit.</param>
    /// <param name="made">What this command has made so far, in bytes.</param>
    internal static Problem TooMuch(DecideContext context, long made) => new(SizeIncident,
        $"The facts of the instance have {(context.StoredBytes + made) / (1024 * 1024)} MB, and {context.Limits.StoredBytes / (1024 * 1024)} MB are allowed. Continue the instance in a successor, which takes over everything that is open, and pass large content on as documents.");

    /// <summary>The warning that is due after these facts; null when none is. It is given once for each limit.</summary>
    /// <param name="before">The instance before the command; null before a start.</param>
    /// <param name="outcome">What was decided.</param>
    /// <param name="limits">The service's limits.</param>
    /// <param name="now">The command's time (UTC).</param>
    internal static InstanceLimitNeared? Warning(InstanceState? before, Outcome outcome, DecideLimits limits, DateTimeOffset now)
    {
        if (outcome is not Outcome.Facts { Events: { IsEmpty: false } events })
            return null;
        var state = before ?? InstanceState.None;
        // Far away, which is nearly always: nothing is folded for it.
        if (state.LimitNeared is not null || state.Events + events.Length < DecideLimits.WarningAt(limits.Events))
            return null;
        var stored = Steps.Pack([.. events.Cast<IInstanceEvent>()]);
        var after = stored.Aggregate(state, InstanceState.Evolve);
        var limit = Of(after, limits);
        return after.HasEnded || after.Events < DecideLimits.WarningAt(limit) ? null : new InstanceLimitNeared(after.Events, limit, now);
    }
}
