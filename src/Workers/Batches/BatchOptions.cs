using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Countersign.Workers.Batches;

/// <summary>How a node carries out batches; <c>Countersign:Batches:*</c>.</summary>
public sealed record BatchOptions
{
    /// <summary>Commands of a batch that are under way in a node at a time: 1 to 100; 8 unless set.</summary>
    public int InFlight { get; init; } = 8;

    /// <summary>Parts that a node carries out in a second at most, so that people's work is not held up: 1 to 10,000; 200 unless set.</summary>
    public int PerSecond { get; init; } = 200;

    /// <summary>Commands waiting at the runner of this node above which a batch makes room: 100 unless set.</summary>
    public int Busy { get; init; } = 100;

    /// <summary>How long a node works at one batch before another one may come first: 2 seconds unless set.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time after which a node that says nothing has lost its batch to another: 2 to 3,600 seconds; 30 unless set.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a node looks for work that another left: every 5 seconds unless set.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the parts of a batch that has ended can be read: 1 to 3,650 days; 90 unless set.</summary>
    public TimeSpan Kept { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Reads the options from <c>Countersign:Batches</c>.</summary>
    public static BatchOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("Countersign:Batches");
        return new BatchOptions
        {
            InFlight = Number(section, "InFlight", 8, 1, 100),
            PerSecond = Number(section, "PerSecond", 200, 1, 10_000),
            Lease = TimeSpan.FromSeconds(Number(section, "LeaseSeconds", 30, 2, 3600)),
            Kept = TimeSpan.FromDays(Number(section, "KeptDays", 90, 1, 3650)),
        };
    }

    private static int Number(IConfigurationSection section, string name, int usual, int least, int most) =>
        section[name] is not { Length: > 0 } text ? usual
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new InvalidOperationException($"{section.Path}:{name} is '{text}': give a whole number from {least} to {most}.");
}
