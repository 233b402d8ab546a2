using System.Collections.Frozen;
using System.Collections.Immutable;
using Countersign.Domain.Instances;

namespace Countersign.Projections.Store;

/// <summary>
/// The stored name of every durable message. A message of last month is read by next year's binary: names stay, members are only
/// added.
/// </summary>
public static class MessageAliases
{
    /// <summary>All messages and their names.</summary>
    public static ImmutableArray<KeyValuePair<Type, string>> All { get; } =
    [
        Of<StartInstance>("start_instance"),
        Of<CancelInstance>("cancel_instance"),
        Of<SetVariables>("set_variables"),
        Of<ClaimTask>("claim_task"),
        Of<ReleaseTask>("release_task"),
        Of<ReassignTask>("reassign_task"),
        Of<CompleteTask>("complete_task"),
        Of<CompleteJob>("complete_job"),
        Of<FailJob>("fail_job"),
        Of<ThrowJobError>("throw_job_error"),
        Of<FireTimer>("fire_timer"),
        Of<CorrelateMessage>("correlate_message"),
        Of<RetryIncident>("retry_incident"),
        Of<ReportCall>("report_call"),
        Of<SuspendInstance>("suspend_instance"),
        Of<ResumeInstance>("resume_instance"),
        Of<ModifyInstance>("modify_instance"),
        Of<SkipIncident>("skip_incident"),
        Of<RerouteIncident>("reroute_incident"),
        Of<MigrateInstance>("migrate_instance"),
        Of<RaiseInstanceLimit>("raise_instance_limit"),
        Of<ContinueInstance>("continue_instance"),
        Of<JobReady>("job_ready"),
        Of<CallReady>("call_ready"),
        Of<CallNews>("call_news"),
        Of<ThrownOutside>("thrown_outside"),
        Of<MessageAwaited>("message_awaited"),
    ];

    private static readonly FrozenDictionary<Type, string> ByType = All.ToFrozenDictionary();

    /// <summary>The name of a message type, or null when it has none.</summary>
    public static string? Of(Type type) => ByType.GetValueOrDefault(type);

    private static KeyValuePair<Type, string> Of<T>(string alias) => new(typeof(T), alias);
}
