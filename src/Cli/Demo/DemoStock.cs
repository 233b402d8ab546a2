using Countersign.Client;
using Countersign.Samples.Generator;

namespace Countersign.Cli.Demo;

/// <summary>What a demo run feeds: generated invoices with the books they fit, and real ones from a folder.</summary>
internal sealed record DemoStock(Books Books, IReadOnlyList<DemoDocument> Documents)
{
    private const long LargestFile = 25 * 1024 * 1024;

    public static DemoStock Make(int seed, int invoices, DirectoryInfo? real)
    {
        var stock = SampleStock.Make(seed, invoices);
        var documents = stock.Files().Select(f => new DemoDocument(f.Name, f.MediaType, f.Content)).ToList();
        if (real is not null)
            documents.AddRange(Real(real));
        return new DemoStock(stock.Books, documents);
    }

    /// <summary>Publishes vendors and orders as reference tables; the same books again change nothing.</summary>
    public async Task PublishTables(CountersignClient client, CancellationToken cancellation)
    {
        foreach (var (name, csv) in Books.Tables().OrderBy(t => t.Key, StringComparer.Ordinal))
            await client.ReferenceTables.PublishCsvAsync(name, csv, cancellationToken: cancellation);
    }

    private static IEnumerable<DemoDocument> Real(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(f => f.FullName, StringComparer.Ordinal))
        {
            var mediaType = file.Extension.ToLowerInvariant() switch { ".pdf" => "application/pdf", ".xml" => "application/xml", _ => null };
            if (mediaType is not null && file.Length is > 0 and <= LargestFile)
                yield return new DemoDocument(file.Name, mediaType, File.ReadAllBytes(file.FullName));
        }
    }
}
