namespace Countersign.Domain.Tenants;

/// <summary>A fact in an actor's access stream of one day (<c>access/&lt;actor&gt;/&lt;day&gt;</c>).</summary>
public interface IAccessEvent;

/// <summary>A person or a key was refused. Many equal attempts in a short time are one fact with a count.</summary>
/// <param name="ActorId">Who was refused.</param>
/// <param name="Code">The refusal's code, e.g. <c>task.separation_of_duties</c>.</param>
/// <param name="Command">What was attempted: the command's stored name.</param>
/// <param name="InstanceId">The instance it was attempted on, or null.</param>
/// <param name="Subject">The task, job or other thing inside it, or null.</param>
/// <param name="Count">Attempts that this fact stands for; at least 1.</param>
/// <param name="TraceId">W3C trace id of the first of them, or null.</param>
/// <param name="At">Time of the first of them (UTC).</param>
public sealed record AccessDenied(string ActorId, string Code, string Command, Guid? InstanceId, string? Subject, int Count, string? TraceId, DateTimeOffset At) : IAccessEvent;
