using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Samples.Generator;

namespace Countersign.TestKit.Campaigns;

/// <summary>Hands the invoices in: document, then instance, each under a key of its own, repeated until acknowledged; the acknowledgement goes to disk.</summary>
internal sealed class CampaignLoad(PatientCaller clerk, AcknowledgementLog log, int seed)
{
    private const int Parallel = 4;

    public Task Run(IEnumerable<SampleFile> files, CancellationToken cancellation) =>
        System.Threading.Tasks.Parallel.ForEachAsync(files.Index(), new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellation },
            async (file, token) => await HandIn(file.Index, file.Item, token));

    private async Task HandIn(int number, SampleFile file, CancellationToken cancellation)
    {
        var stored = await clerk.Insist((c, t) => c.Documents.UploadAsync(file.Name, file.MediaType, file.Content, Key("document", number), t), cancellation);
        var variables = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["document"] = JsonSerializer.SerializeToElement(new { id = stored.Id, name = stored.Name, mediaType = stored.MediaType, sha256 = stored.Sha256 }),
        };
        var instance = await clerk.Insist((c, t) => c.Instances.StartAsync(new StartInstanceRequest("invoice", variables), null, Key("instance", number), t), cancellation);
        log.Add(new Acknowledged(number, stored.Id, instance.Id));
    }

    private CallOptions Key(string kind, int number) => new($"campaign-{seed}-{kind}-{number}");
}
