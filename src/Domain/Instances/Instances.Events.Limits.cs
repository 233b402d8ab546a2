namespace Countersign.Domain.Instances;

/// <summary>The instance has become so long that it will soon stop. Recorded once for each limit.</summary>
/// <param name="Facts">Facts so far, as stored.</param>
/// <param name="Limit">Facts at which it stops with an incident.</param>
public sealed record InstanceLimitNeared(int Facts, int Limit, DateTimeOffset At) : IInstanceEvent;

/// <summary>An operator allowed the instance more facts.</summary>
/// <param name="From">Limit before.</param>
/// <param name="To">Limit from here on.</param>
public sealed record InstanceLimitRaised(string By, string Reason, int From, int To, DateTimeOffset At) : IInstanceEvent;

/// <summary>The last fact of an instance that goes on in another one: everything open in it is open there from here on.</summary>
/// <param name="SuccessorId">The instance in which it goes on. Its first fact is an <see cref="InstanceTakenOver"/> of the same transaction.</param>
public sealed record InstanceContinued(Guid SuccessorId, string By, string Reason, DateTimeOffset At) : IInstanceEvent;

/// <summary>The first fact of an instance in which another one goes on.</summary>
/// <param name="InstanceId">The instance (its stream).</param>
/// <param name="ProcessKey">BPMN process id.</param>
/// <param name="Version">Version number of the process, from 1.</param>
/// <param name="Hash">SHA-256 over the version's sources.</param>
/// <param name="Parent">The call that started the first instance of the chain, or null.</param>
/// <param name="Predecessor">The instance that goes on here.</param>
/// <param name="State">What was open in it, under the ids of this instance.</param>
public sealed record InstanceTakenOver(Guid InstanceId, string ProcessKey, int Version, string Hash, string? BusinessKey, CallLink? Parent, InstanceLink Predecessor, string By, string Reason,
    DateTimeOffset At, InstanceState State) : IInstanceEvent;

/// <summary>Names the end of an instance that goes on in another one, so that nobody can put another end in its place.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Version">Version of its stream: its last fact, <see cref="InstanceContinued"/>.</param>
/// <param name="Hash">Lower-case hex SHA-256 of that fact's canonical data: the member <c>data</c> of its leaf in the trail.</param>
public sealed record InstanceLink(Guid InstanceId, long Version, string Hash);
