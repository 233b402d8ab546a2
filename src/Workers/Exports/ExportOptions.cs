using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Countersign.Workers.Exports;

/// <summary>Limits of exports.</summary>
public sealed record ExportOptions
{
    /// <summary>Folder of files that are being written; what lies in it when the node starts is removed.</summary>
    public required string Folder { get; init; }

    /// <summary>How long a file can be fetched: 1 to 3,650 days; 30 unless set.</summary>
    public TimeSpan Kept { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Largest file in bytes; 4 GiB unless set. A larger export is given up with a sentence.</summary>
    public long MaximumBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Time after which a node that says nothing has lost its export to another: 30 seconds unless set.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a node looks for work that another left: every 5 seconds unless set.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Attempts after which an export is given up: 10 unless set.</summary>
    public int Attempts { get; init; } = 10;

    /// <summary>Reads the options from <c>Countersign:Exports</c>.</summary>
    public static ExportOptions From(IConfiguration configuration, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("Countersign:Exports");
        return new ExportOptions
        {
            Folder = Path.Combine(dataFolder, "exports"),
            Kept = TimeSpan.FromDays(Number(section, "KeptDays", 30, 1, 3650)),
            MaximumBytes = Number(section, "MaximumMegabytes", 4096, 1, 1024 * 1024) * 1024L * 1024L,
            Lease = TimeSpan.FromSeconds(Number(section, "LeaseSeconds", 30, 2, 3600)),
        };
    }

    private static int Number(IConfigurationSection section, string name, int usual, int least, int most) =>
        section[name] is not { Length: > 0 } text ? usual
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new InvalidOperationException($"{section.Path}:{name} is '{text}': give a whole number from {least} to {most}.");
}
