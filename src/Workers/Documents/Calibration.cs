using System.Text.Json;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Turns raw scores of the page reader into probabilities, by curves fitted on invoices whose truth is known.</summary>
internal sealed class Calibration
{
    private const string Resource = "Countersign.Workers.Documents.calibration.json";

    // Below this raw score a value is a guess that helps nobody.
    private const double Lowest = 0.3;

    private readonly Dictionary<string, List<CalibrationPoint>> curves;

    private Calibration(Dictionary<string, List<CalibrationPoint>> curves, ReaderIdentity reader)
    {
        this.curves = curves;
        Reader = reader;
    }

    /// <summary>The curves that ship with the product.</summary>
    public static Calibration Shipped { get; } = Load();

    /// <summary>No curves: confidences are the raw scores. Only for fitting.</summary>
    public static Calibration Raw { get; } = new([], ReaderIdentities.Page([]));

    /// <summary>The page reader with these curves.</summary>
    public ReaderIdentity Reader { get; }

    /// <summary>Groups of fields that share a curve: their scores are made the same way.</summary>
    public static string GroupOf(string field) => field switch
    {
        "number" or "order_ref" or "issue_date" or "due_date" or "iban" => field,
        "seller" or "buyer" => "party",
        "currency" or "seller_vat" => "code",
        _ when field.StartsWith("line_", StringComparison.Ordinal) && field != "line_total" => "line",
        _ => "amount",
    };

    public double Threshold(string field) => field == "order_ref" ? 0.35 : Lowest;

    public decimal Confidence(string field, double score)
    {
        var probability = curves.Count == 0 ? score : curves.TryGetValue(GroupOf(field), out var curve) ? IsotonicFit.Apply(curve, score) : 0;
        return Math.Round((decimal)Math.Clamp(probability, 0, 1), 3);
    }

    private static Calibration Load()
    {
        using var stream = typeof(Calibration).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The calibration table '{Resource}' is missing from the build.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var bytes = copy.ToArray();
        using var json = JsonDocument.Parse(bytes);
        var loaded = json.RootElement.EnumerateObject().ToDictionary(
            group => group.Name,
            group => group.Value.EnumerateArray().Select(point => new CalibrationPoint(point[0].GetDouble(), point[1].GetDouble())).ToList(),
            StringComparer.Ordinal);
        return new Calibration(loaded, ReaderIdentities.Page(bytes));
    }
}
