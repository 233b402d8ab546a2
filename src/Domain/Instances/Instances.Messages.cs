namespace Countersign.Domain.Instances;

/// <summary>An attempt of a job is due. Sent in the transaction that created or retried the job; ids only.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="InstanceId">The instance.</param>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt that is due (the fence).</param>
/// <param name="Type">Job type, by which the message finds its worker.</param>
public sealed record JobReady(string TenantId, Guid InstanceId, string JobId, int Attempt, string Type);
