namespace Countersign.Domain.Instances;

/// <summary>An attempt of a job is due. Sent in the transaction that created or retried the job; ids only.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="InstanceId">The instance.</param>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt that is due (the fence).</param>
/// <param name="Type">Job type, by which the message finds its worker.</param>
public sealed record JobReady(string TenantId, Guid InstanceId, string JobId, int Attempt, string Type);

/// <summary>A call waits for its instance to be started.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="InstanceId">The calling instance, which knows process, version and variables.</param>
/// <param name="CallId">The call.</param>
public sealed record CallReady(string TenantId, Guid InstanceId, string CallId);

/// <summary>A called instance has something to say to its caller.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="InstanceId">The called instance, which knows the variables.</param>
/// <param name="Parent">The call.</param>
/// <param name="Report">How it fared.</param>
/// <param name="ReportId">Names the report; the caller takes it once.</param>
/// <param name="Code">Code of the error or escalation.</param>
/// <param name="Message">One sentence about a failure.</param>
public sealed record CallNews(string TenantId, Guid InstanceId, CallLink Parent, CallReport Report, string ReportId, string? Code, string? Message);

/// <summary>An instance has begun to wait for a message, which may have come before. Sent in the transaction that opened the subscription.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="Name">Name of the message.</param>
/// <param name="CorrelationKey">The instance's correlation key.</param>
public sealed record MessageAwaited(string TenantId, string Name, string CorrelationKey);

/// <summary>A signal or message was thrown for others. Ids and names only: what it carries stands in the thrower's facts.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="InstanceId">The throwing instance; its own listeners have had it already.</param>
/// <param name="ThrowId">Names the throw; receivers take it once.</param>
/// <param name="Kind">Signal or message.</param>
/// <param name="Name">Name of the signal or message.</param>
/// <param name="CorrelationKey">Key of a message; empty otherwise.</param>
/// <param name="HasVariables">Whether it carries anything.</param>
/// <param name="Chain">The chain of an instance that it starts; null where it was thrown before chains were counted.</param>
public sealed record ThrownOutside(string TenantId, Guid InstanceId, string ThrowId, ThrownKind Kind, string Name, string CorrelationKey, bool HasVariables, StartChain? Chain = null);
