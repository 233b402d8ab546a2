using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Countersign.Domain.Trail;
using Countersign.Projections.Databases;

namespace Countersign.Workers.Trail;

/// <summary>The keys that sign checkpoints. By default a file; a key service or a hardware module takes its place.</summary>
public interface ITrailKeys
{
    /// <summary>The key that signs now, under the origin of a log.</summary>
    /// <param name="origin">Origin of the log.</param>
    INoteSigner Signer(string origin);

    /// <summary>All keys that ever signed, newest first, under the origin of a log.</summary>
    /// <param name="origin">Origin of the log.</param>
    IReadOnlyList<VerifierKey> Known(string origin);

    /// <summary>All keys that ever signed, newest first, each with the time since when it signs (UTC).</summary>
    /// <param name="origin">Origin of the log.</param>
    IReadOnlyList<(VerifierKey Key, DateTimeOffset Since)> History(string origin);

    /// <summary>The signed statements by which each key took over from the one before, oldest first, for a log.</summary>
    /// <param name="origin">Origin of the log.</param>
    IReadOnlyList<SignedNote> Rotations(string origin);
}

/// <summary>
/// Signing keys in one file of the data folder: one line a key, newest first, <c>countersign-trail-key-1 &lt;time&gt; &lt;base64 of the 32-byte seed&gt;</c>. The file must be readable by
/// its owner alone. To rotate, put a new line on top and start again.
/// </summary>
public sealed class FileTrailKeys : ITrailKeys
{
    private const string Mark = "countersign-trail-key-1";
    private readonly List<(DateTimeOffset Since, byte[] Seed)> _seeds;
    private readonly ConcurrentDictionary<(string Origin, int Number), Ed25519NoteSigner> _signers = new();

    private FileTrailKeys(List<(DateTimeOffset Since, byte[] Seed)> seeds) => _seeds = seeds;

    /// <summary>Opens the file; makes it, with a fresh key, when there is none.</summary>
    /// <param name="file">Path.</param>
    /// <param name="clock">Dates a new key.</param>
    /// <exception cref="StartUpException">The file cannot be used; the message says what to do.</exception>
    public static FileTrailKeys Open(string file, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        if (!File.Exists(file))
            Create(file, clock.GetUtcNow());
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != UnixFileMode.None)
            throw new StartUpException($"The key file {file} can be read or written by other users: run 'chmod 600 {file}', and add a new key on top if others had access.");
        return From(File.ReadLines(file), file);
    }

    /// <summary>Takes the lines of a key file from a setting.</summary>
    /// <param name="given">The lines, separated by line breaks or semicolons.</param>
    /// <exception cref="StartUpException">They are no keys; the message says what to do.</exception>
    public static FileTrailKeys Of(string given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return From(given.Split(['\n', ';']), "in the setting Countersign:Trail:Keys");
    }

    /// <inheritdoc/>
    public INoteSigner Signer(string origin) => At(origin, 0);

    /// <inheritdoc/>
    public IReadOnlyList<VerifierKey> Known(string origin) => [.. _seeds.Select((_, i) => At(origin, i).Key)];

    /// <inheritdoc/>
    public IReadOnlyList<(VerifierKey Key, DateTimeOffset Since)> History(string origin) => [.. _seeds.Select((seed, number) => (At(origin, number).Key, seed.Since))];

    /// <inheritdoc/>
    public IReadOnlyList<SignedNote> Rotations(string origin)
    {
        var notes = new List<SignedNote>();
        for (var i = _seeds.Count - 1; i > 0; i--)
        {
            var (from, to) = (At(origin, i), At(origin, i - 1));
            // The time is the key's own, so that the statement (and its signature) is the same whenever it is made.
            notes.Add(SignedNote.Sign(new KeyStatement(origin, from.Key, to.Key, _seeds[i - 1].Since).Text, from, to));
        }
        return notes;
    }

    private Ed25519NoteSigner At(string origin, int number) =>
        _signers.GetOrAdd((origin, number), static (key, seeds) => new Ed25519NoteSigner(key.Origin, seeds[key.Number].Seed), _seeds);

    private static FileTrailKeys From(IEnumerable<string> lines, string file)
    {
        var seeds = lines.Select(l => l.Trim()).Where(l => l.Length > 0).Select(l => Parse(l, file)).ToList();
        return seeds.Count > 0 ? new FileTrailKeys(seeds) : throw new StartUpException($"The key file {file} holds no key: restore it from your copy.");
    }

    private static (DateTimeOffset, byte[]) Parse(string line, string file)
    {
        var parts = line.Split(' ');
        var seed = new byte[64];
        return parts.Length == 3 && parts[0] == Mark && Convert.TryFromBase64String(parts[2], seed, out var length) && length == 32
            && DateTimeOffset.TryParse(parts[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var since)
            ? (since, seed[..32])
            : throw new StartUpException($"The key file {file} holds a line that is no key: restore it from your copy.");
    }

    private static void Create(string file, DateTimeOffset now)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // Under another name first: a kill in between must not leave half a key in place.
        var fresh = file + ".new";
        File.Delete(fresh);
        using (var writer = new StreamWriter(fresh, System.Text.Encoding.ASCII, options))
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{Mark} {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}\n"));
            writer.Flush();
            ((FileStream)writer.BaseStream).Flush(flushToDisk: true);
        }
        File.Move(fresh, file, overwrite: false);
    }
}
