using System.Globalization;
using System.Text;

namespace Countersign.TestKit.Campaigns;

/// <summary>A start that the service has acknowledged.</summary>
/// <param name="Number">Which of the campaign's invoices.</param>
/// <param name="Document">The uploaded document.</param>
/// <param name="Instance">The instance.</param>
public sealed record Acknowledged(int Number, Guid Document, Guid Instance);

/// <summary>What the driver was promised, forced to disk after each answer: what stands here must be in the database, whatever was killed.</summary>
public sealed class AcknowledgementLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private int _count;

    /// <summary>Begins a log in a new file.</summary>
    public AcknowledgementLog(string path)
    {
        Path = path;
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>How many were acknowledged.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Writes one and waits until it is on disk.</summary>
    public void Add(Acknowledged start)
    {
        ArgumentNullException.ThrowIfNull(start);
        lock (_gate)
        {
            _file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{start.Number} {start.Document:D} {start.Instance:D}\n")));
            _file.Flush(flushToDisk: true);
            _count++;
        }
    }

    /// <summary>Reads back what is on disk.</summary>
    public static IReadOnlyList<Acknowledged> Read(string path)
    {
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var found = new List<Acknowledged>();
        while (file.ReadLine() is { } line)
        {
            var parts = line.Split(' ');
            found.Add(new Acknowledged(int.Parse(parts[0], CultureInfo.InvariantCulture), Guid.Parse(parts[1]), Guid.Parse(parts[2])));
        }

        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
