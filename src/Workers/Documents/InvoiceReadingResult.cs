using Countersign.Domain;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>What a reader answers: a reading, or a refusal with a code and a sentence that says what to do next. Exactly one is set.</summary>
public sealed record InvoiceReadingResult
{
    private InvoiceReadingResult(InvoiceReading? reading, Refusal? refusal)
    {
        Reading = reading;
        Refusal = refusal;
    }

    /// <summary>What was read, or null when the document was refused.</summary>
    public InvoiceReading? Reading { get; }

    /// <summary>Why nothing was read, or null.</summary>
    public Refusal? Refusal { get; }

    /// <summary>A reading.</summary>
    public static InvoiceReadingResult Of(InvoiceReading reading) => new(reading, null);

    /// <summary>A refusal.</summary>
    public static InvoiceReadingResult Refused(Refusal refusal) => new(null, refusal);
}
