using Countersign.Projections.Documents;
using Countersign.Projections.Instances;
using Countersign.Projections.Invoices;
using Countersign.Projections.Keys;
using Countersign.Projections.Plans;
using Countersign.Projections.Policies;
using Countersign.Projections.ReferenceTables;
using Countersign.Projections.Tenants;
using Countersign.Projections.Webhooks;
using Marten;

namespace Countersign.Projections.Store;

/// <summary>Rows of the nouns that are written in the transaction of their own events and read by requests.</summary>
public static class TenantParts
{
    /// <summary>A part for <see cref="StoreConfiguration.Apply"/>.</summary>
    public static void Configure(StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Schema.For<InstanceSummary>().Duplicate(x => x.InstanceId).Duplicate(x => x.ProcessKey).Duplicate(x => x.Status).Duplicate(x => x.BusinessKey).Duplicate(x => x.StartedAt);
        options.Schema.For<DecisionSummary>().Duplicate(x => x.InstanceId).Duplicate(x => x.ProcessKey).Duplicate(x => x.PolicyKey).Duplicate(x => x.At);
        options.Schema.For<Exports.ExportRecord>();
        options.Schema.For<Batches.BatchRecord>();
        options.Schema.For<TenantRecord>();
        options.Schema.For<PlanRecord>();
        options.Schema.For<MemberRecord>();
        options.Schema.For<KeyRecord>().Duplicate(x => x.SecretHash).Duplicate(x => x.CreatedAt);
        options.Schema.For<KeyUse>();
        options.Schema.For<PolicyRecord>();
        options.Schema.For<PolicyVersionRecord>().Duplicate(x => x.Key).Duplicate(x => x.Number);
        options.Schema.For<ReferenceTableRecord>();
        options.Schema.For<ReferenceRow>().Duplicate(x => x.Table).Duplicate(x => x.Version).Duplicate(x => x.Position);
        options.Schema.For<DocumentRecord>().Duplicate(x => x.Sha256);
        options.Schema.For<InvoiceClaim>();
        options.Schema.For<WebhookEndpointRecord>().Duplicate(x => x.CreatedAt);
        options.Schema.For<WebhookHealth>();
        options.Schema.For<WebhookDelivery>().Duplicate(x => x.EndpointId).Duplicate(x => x.Status).Duplicate(x => x.CreatedAt).Duplicate(x => x.DueAt).Duplicate(x => x.JobId);
    }
}
