using System.Diagnostics;
using System.Globalization;
using Countersign.Domain.Documents;
using Countersign.Workers.Documents;

namespace Countersign.Conformance;

/// <summary>Hands every file of a folder to the upload check and to the reader and prints both answers. An exception fails the suite.</summary>
internal static class DocumentsOddSuite
{
    public static int Run(string folder, TextWriter output)
    {
        var inspector = new DocumentInspector();
        var reader = new InvoiceReader();
        int answered = 0, total = 0;
        var slowest = TimeSpan.Zero;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            total++;
            var name = Path.GetRelativePath(folder, file);
            var content = File.ReadAllBytes(file);
            var clock = Stopwatch.StartNew();
            try
            {
                var inspection = inspector.Inspect(content, Path.GetFileName(file), null, CancellationToken.None);
                var result = reader.Read(content, "", CancellationToken.None);
                answered++;
                output.WriteLine($"{name}: upload {inspection.Refusal?.Code ?? "accepted"}{Ids(inspection.Findings)}; reading {Describe(result)}");
            }
            catch (Exception broken)
            {
                output.WriteLine($"{name}: CRASH {broken.GetType().Name}: {broken.Message}");
            }

            slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"slowest file: {slowest.TotalSeconds:0.00} s"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"documents-odd: {answered}/{total}"));
        return answered == total && total > 0 ? 0 : 1;
    }

    private static string Ids(IEnumerable<InvoiceCheck> findings) => string.Concat(findings.Select(finding => $" +{finding.Id}"));

    private static string Describe(InvoiceReadingResult result) => result.Reading is { } reading
        ? $"{reading.Format} {reading.Number?.Value ?? "?"} {reading.Gross?.Value.ToString(CultureInfo.InvariantCulture) ?? "?"} {reading.Currency?.Value ?? "?"}, failed: {string.Join(' ', reading.Checks.Where(c => c.Result == CheckResult.Failed).Select(c => c.Id))}"
        : result.Refusal!.Code;
}
