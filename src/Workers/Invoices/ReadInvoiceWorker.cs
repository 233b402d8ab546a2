using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Countersign.Domain.Documents;
using Countersign.Domain.Instances;
using Countersign.Projections.Documents;
using Countersign.Workers.Documents;
using Countersign.Workers.Jobs;
using Countersign.Workers.Telemetry;

namespace Countersign.Workers.Invoices;

/// <summary>
/// Job type <c>countersign:read-invoice</c>: reads the document in variable <c>document</c> (<c>{id}</c>) and gives variable <c>invoice</c>. A document that
/// cannot be read is no failure of the attempt: it gives an empty reading with the refusal as a failed check, so that a person sees it.
/// </summary>
public sealed class ReadInvoiceWorker(DocumentContents contents, InvoiceReader reader, TimeProvider clock) : IJobWorker
{
    /// <summary>The job type.</summary>
    public const string JobType = "countersign:read-invoice";

    /// <summary>Name of the model in policies: one name for both readers, which of them read is in the version.</summary>
    public const string Model = "invoice-reader";

    private const string OutputVariable = "invoice";

    /// <inheritdoc/>
    public string Type => JobType;

    /// <inheritdoc/>
    public bool IsInference => true;

    /// <inheritdoc/>
    public async Task<JobOutcome> Run(JobContext job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!job.Variables.TryGetValue("document", out var document) || document.ValueKind != JsonValueKind.Object
            || !document.TryGetProperty("id", out var text) || text.ValueKind != JsonValueKind.String || !text.TryGetGuid(out var id))
            return new JobOutcome.Failed("document.not_named", "The case has no document: set variable 'document' to an object with the id of an uploaded document, then retry.", Retryable: false);
        if (await contents.Read(job.TenantId, id, cancellation) is not { } bytes)
            return new JobOutcome.Failed("document.not_found", "The document does not exist or was erased. Cancel the case or set another document, then retry.", Retryable: false);
        var start = clock.GetTimestamp();
        var mediaType = document.TryGetProperty("mediaType", out var said) && said.ValueKind == JsonValueKind.String ? said.GetString()! : "application/octet-stream";
        var result = Read(bytes, mediaType, cancellation);
        var reading = result.Reading ?? Refused(result.Refusal!.Detail);
        var inference = Inference(reading, id, bytes, clock.GetElapsedTime(start));
        return new JobOutcome.Completed(ImmutableDictionary<string, JsonElement>.Empty.Add(OutputVariable, InvoiceJson.ToElement(reading)), inference);
    }

    private InvoiceReadingResult Read(byte[] bytes, string mediaType, CancellationToken cancellation)
    {
        using var span = WorkersTelemetry.Source.StartActivity(WorkersTelemetry.ReadSpan);
        var result = reader.Read(bytes, mediaType, cancellation);
        span?.SetTag("countersign.document.format", result.Reading?.Format ?? "refused").SetTag("countersign.document.bytes", bytes.Length);
        return result;
    }

    private static InvoiceReading Refused(string sentence) => new()
    {
        Format = "unreadable",
        Checks = [new InvoiceCheck("document_readable", CheckResult.Failed, sentence)],
        Reader = ReaderIdentities.Xml with { Name = "countersign-reader" },
    };

    private static InferenceResult Inference(InvoiceReading reading, Guid document, byte[] bytes, TimeSpan latency)
    {
        var fields = ReadFields.Of(reading).ToList();
        var scores = fields.ToImmutableDictionary(f => f.Name, f => f.Confidence, StringComparer.Ordinal);
        var evidence = fields.Select(f => new FieldEvidence(f.Name, document.ToString("D"), f.Box?.Page, f.Box?.X, f.Box?.Y, f.Box?.Width, f.Box?.Height, f.Box is null ? f.Name : null)).ToImmutableArray();
        return new InferenceResult("countersign", Model, $"{reading.Reader.Name}-{reading.Reader.Version}+{reading.Reader.Digest[..Math.Min(12, reading.Reader.Digest.Length)]}", null,
            Convert.ToHexStringLower(SHA256.HashData(bytes)), document.ToString("D"), OutputVariable, scores.Count == 0 ? 0 : scores.Values.Min(), scores, evidence, 0, 0m, latency);
    }
}
