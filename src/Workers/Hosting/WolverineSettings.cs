using Countersign.Domain.Instances;
using Countersign.Projections.Store;
using JasperFx;
using JasperFx.CodeGeneration;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.Util;

namespace Countersign.Workers.Hosting;

/// <summary>Settings of message passing, each with its reason in docs/reference/messages.md.</summary>
internal static class WolverineSettings
{
    public static void Apply(WolverineOptions options)
    {
        options.ServiceName = "countersign";
        // Test projects are executables: without this, handlers would be looked for in them.
        options.ApplicationAssembly = typeof(WolverineSettings).Assembly;
        options.CodeGeneration.TypeLoadMode = TypeLoadMode.Dynamic;
        // Code compiled at run time stays in memory: written to the working folder it would become part of the next build.
        options.CodeGeneration.SourceCodeWritingEnabled = false;
        options.AutoBuildMessageStorageOnStartup = AutoCreate.None;
        WolverineMessageNaming.InsertFirst<StableNames>();
        foreach (var (type, _) in MessageAliases.All)
            options.RegisterMessageType(type);
        options.Policies.UseDurableLocalQueues();
        options.Policies.UseDurableInboxOnAllListeners();
        options.Policies.UseDurableOutboxOnAllSendingEndpoints();
        options.Policies.AlwaysMakeScheduledMessagesDurable();
        options.Policies.AutoApplyTransactions();
        options.UseSystemTextJsonForSerialization(StoreJson.Configure);
        // Attempts wait for others most of the time, for their result's commit at least: few at a time make small commits.
        options.LocalQueueFor<JobReady>().MaximumParallelMessages(64);
        Durability(options);
        // A full or suspended instance takes a letter later: no reason for a dead letter.
        options.OnException<Instances.UndeliverableException>().ScheduleRetryIndefinitely(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
        // A handler's failure is tried again with a growing, jittered delay, then kept as a dead letter for a person.
        options.OnAnyException().RetryWithCooldown(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)).WithFullJitter();
    }

    /// <summary>Takeover of a dead node's work in about ten seconds instead of seventy-eight.</summary>
    public static void Durability(WolverineOptions options)
    {
        var durability = options.Durability;
        // A look costs nine transactions, so they are as rare as the takeover allows.
        durability.HealthCheckPollingTime = TimeSpan.FromSeconds(2.5);
        durability.StaleNodeTimeout = TimeSpan.FromSeconds(5);
        durability.StaleNodeEjectionThreshold = 2;
        durability.NodeReassignmentPollingTime = TimeSpan.FromSeconds(3);
        durability.OrphanedMessageSweepPollingTime = TimeSpan.FromSeconds(3);
        durability.ScheduledJobPollingTime = TimeSpan.FromSeconds(2);
        durability.CheckAssignmentPeriod = TimeSpan.FromSeconds(5);
        durability.InboxStaleTime = TimeSpan.FromMinutes(5);
        durability.OutboxStaleTime = TimeSpan.FromMinutes(2);
        durability.KeepAfterMessageHandling = TimeSpan.FromHours(1);
        durability.DeadLetterQueueExpirationEnabled = false;
        // Backlog counts what waits, when somebody collects it; these would be counted every five seconds for nobody.
        durability.DurabilityMetricsEnabled = false;
    }

    public sealed class StableNames : IMessageTypeNaming
    {
        public bool TryDetermineName(Type messageType, out string messageTypeName)
        {
            messageTypeName = MessageAliases.Of(messageType) ?? "";
            return messageTypeName.Length > 0;
        }
    }
}
