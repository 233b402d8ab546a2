using Countersign.Client.Batches;
using Countersign.Client.Dashboards;
using Countersign.Client.Decisions;
using Countersign.Client.Documents;
using Countersign.Client.Exports;
using Countersign.Client.Incidents;
using Countersign.Client.Instances;
using Countersign.Client.Jobs;
using Countersign.Client.Keys;
using Countersign.Client.Members;
using Countersign.Client.Messages;
using Countersign.Client.Policies;
using Countersign.Client.Processes;
using Countersign.Client.ReferenceTables;
using Countersign.Client.Tasks;
using Countersign.Client.Tenants;
using Countersign.Client.Trail;
using Countersign.Client.Usage;
using Countersign.Client.Webhooks;

namespace Countersign.Client;

/// <summary>
/// The API, typed. Thread-safe; make one per credential. Calls that act send an <c>Idempotency-Key</c> of their own and are repeated when the network or the
/// service asks for it; every other failure is a <see cref="CountersignProblemException"/> (an answer), an <see cref="HttpRequestException"/> (none came)
/// or an <see cref="OperationCanceledException"/>.
/// </summary>
public sealed class CountersignClient
{
    /// <summary>Makes a client.</summary>
    /// <param name="http">HTTP client with the service's base address, ending in a slash. Not disposed by this class.</param>
    /// <param name="tokens">Gives the credential; null when a handler of <paramref name="http"/> adds it.</param>
    /// <param name="options">Repeats and pauses; the defaults when null.</param>
    public CountersignClient(HttpClient http, ITokenProvider? tokens = null, CountersignClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        var transport = new Transport(http, tokens, options ?? new CountersignClientOptions());
        Documents = new DocumentsClient(transport);
        Processes = new ProcessesClient(transport);
        Policies = new PoliciesClient(transport);
        ReferenceTables = new ReferenceTablesClient(transport);
        Instances = new InstancesClient(transport);
        Tasks = new TasksClient(transport);
        Jobs = new JobsClient(transport);
        Messages = new MessagesClient(transport);
        Incidents = new IncidentsClient(transport);
        Batches = new BatchesClient(transport);
        Decisions = new DecisionsClient(transport);
        Trail = new TrailClient(transport);
        Exports = new ExportsClient(transport);
        Webhooks = new WebhooksClient(transport);
        Keys = new KeysClient(transport);
        Members = new MembersClient(transport);
        Tenant = new TenantClient(transport);
        Dashboards = new DashboardsClient(transport);
        Usage = new UsageClient(transport);
    }

    /// <summary>Documents.</summary>
    public DocumentsClient Documents { get; }

    /// <summary>Process definitions and their versions.</summary>
    public ProcessesClient Processes { get; }

    /// <summary>Decision policies and their versions.</summary>
    public PoliciesClient Policies { get; }

    /// <summary>Reference tables.</summary>
    public ReferenceTablesClient ReferenceTables { get; }

    /// <summary>Process instances.</summary>
    public InstancesClient Instances { get; }

    /// <summary>Tasks of people.</summary>
    public TasksClient Tasks { get; }

    /// <summary>Jobs of external workers.</summary>
    public JobsClient Jobs { get; }

    /// <summary>Messages.</summary>
    public MessagesClient Messages { get; }

    /// <summary>Incidents.</summary>
    public IncidentsClient Incidents { get; }

    /// <summary>Acts on many instances.</summary>
    public BatchesClient Batches { get; }

    /// <summary>Decision records.</summary>
    public DecisionsClient Decisions { get; }

    /// <summary>The transparency log.</summary>
    public TrailClient Trail { get; }

    /// <summary>Exports.</summary>
    public ExportsClient Exports { get; }

    /// <summary>Webhook endpoints and deliveries.</summary>
    public WebhooksClient Webhooks { get; }

    /// <summary>API keys.</summary>
    public KeysClient Keys { get; }

    /// <summary>Members.</summary>
    public MembersClient Members { get; }

    /// <summary>The caller and the caller's tenant.</summary>
    public TenantClient Tenant { get; }

    /// <summary>Figures.</summary>
    public DashboardsClient Dashboards { get; }

    /// <summary>Usage and plans.</summary>
    public UsageClient Usage { get; }
}
