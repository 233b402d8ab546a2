namespace Countersign.Domain.Tenants;

/// <summary>A fact in an actor's access stream of one day (<c>access/&lt;actor&gt;/&lt;day&gt;</c>).</summary>
public interface IAccessEvent
{
    /// <summary>When it happened (UTC).</summary>
    DateTimeOffset At { get; }
}

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

/// <summary>A person signed in.</summary>
/// <param name="ActorId">Member id.</param>
/// <param name="Client">The program that was signed in to, e.g. <c>console</c>.</param>
/// <param name="TraceId">W3C trace id, or null.</param>
/// <param name="At">When (UTC).</param>
public sealed record SignedIn(string ActorId, string Client, string? TraceId, DateTimeOffset At) : IAccessEvent;

/// <summary>A person signed out.</summary>
/// <param name="ActorId">Member id.</param>
/// <param name="TraceId">W3C trace id, or null.</param>
/// <param name="At">When (UTC).</param>
public sealed record SignedOut(string ActorId, string? TraceId, DateTimeOffset At) : IAccessEvent;
