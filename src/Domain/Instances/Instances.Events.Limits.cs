namespace Countersign.Domain.Instances;

/// <summary>The instance has become so long that it will soon stop. Recorded once for each limit.</summary>
/// <param name="Facts">Facts so far, as stored.</param>
/// <param name="Limit">Facts at which it stops with an incident.</param>
public sealed record InstanceLimitNeared(int Facts, int Limit, DateTimeOffset At) : IInstanceEvent;

/// <summary>An operator allowed the instance more facts.</summary>
/// <param name="From">Limit before.</param>
/// <param name="To">Limit from here on.</param>
public sealed record InstanceLimitRaised(string By, string Reason, int From, int To, DateTimeOffset At) : IInstanceEvent;
