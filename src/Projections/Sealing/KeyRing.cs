using System.Security.Cryptography;
using System.Text;
using Countersign.Projections.Databases;

namespace Countersign.Projections.Sealing;

/// <summary>
/// The master keys of this installation: the newest wraps, every one unwraps. By default a file that only this user can read, in
/// the data folder; it is not in the database and not in its backups, so that a stolen database opens nothing.
/// </summary>
public sealed class KeyRing
{
    private const string Prefix = "countersign-master-1:";
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    // Every selection of keys has a fingerprint (see Extends): this bounds how many are computed.
    private const int MostKeys = 12;
    private readonly List<(string Id, byte[] Key)> _masters;

    private KeyRing(List<(string Id, byte[] Key)> masters) => _masters = masters;

    /// <summary>Digest over the ids of all master keys, in whatever order they stand; kept in the database: a node with another ring refuses to start.</summary>
    public string Fingerprint => FingerprintOf(_masters.Select(m => m.Id));

    /// <summary>Whether this ring has every key of the ring with that fingerprint, and perhaps more.</summary>
    public bool Extends(string fingerprint) => Enumerable.Range(1, (1 << _masters.Count) - 1)
        .Any(chosen => FingerprintOf(_masters.Where((_, i) => (chosen >> i & 1) == 1).Select(m => m.Id)) == fingerprint);

    /// <summary>Opens the ring in a data folder; makes one when there is none.</summary>
    public static KeyRing Open(string dataFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataFolder);
        var folder = Path.Combine(dataFolder, "keys");
        var file = Path.Combine(folder, "master.keys");
        if (!File.Exists(file))
            Create(folder, file);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != UnixFileMode.None)
            throw new StartUpException($"The key file {file} can be read or written by other users: run 'chmod 600 {file}', and change the keys if others had access.");
        return Parse(File.ReadAllLines(file), file);
    }

    /// <summary>The ring that a setting holds (a secret store gave it), or the one in the data folder when the setting is unset.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="given"><c>Countersign:Keys:Master</c>: the lines of <c>master.keys</c>, separated by line breaks or semicolons, newest first.</param>
    public static KeyRing Open(string dataFolder, string? given) =>
        string.IsNullOrWhiteSpace(given) ? Open(dataFolder) : Parse(given.Split(['\n', ';']), "in the setting Countersign:Keys:Master");

    /// <summary>A ring in memory, for a test.</summary>
    public static KeyRing Temporary() => Parse([Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes))], "memory");

    /// <summary>Encrypts a key under the newest master key, bound to a text that says what it is.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> key, string context) => Encrypt(_masters[0].Key, key, Encoding.UTF8.GetBytes(context));

    /// <summary>Decrypts a key that <see cref="Wrap"/> encrypted, under whichever master key it was.</summary>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string context)
    {
        foreach (var (_, master) in _masters)
        {
            try
            {
                return Decrypt(master, wrapped, Encoding.UTF8.GetBytes(context));
            }
            catch (AuthenticationTagMismatchException) when (_masters.Count > 1)
            {
                // Wrapped under another key of the ring; the last one's failure is thrown below.
            }
        }

        throw new CryptographicException("A stored key cannot be opened with this key ring. Restore the ring that wrapped it.");
    }

    /// <summary>AES-256-GCM; nonce, ciphertext and tag in one.</summary>
    internal static byte[] Encrypt(byte[] key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context)
    {
        var sealedBytes = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, NonceBytes));
        using var gcm = new AesGcm(key, TagBytes);
        gcm.Encrypt(sealedBytes.AsSpan(0, NonceBytes), plain, sealedBytes.AsSpan(NonceBytes, plain.Length), sealedBytes.AsSpan(NonceBytes + plain.Length), context);
        return sealedBytes;
    }

    /// <summary>The other way; throws <see cref="AuthenticationTagMismatchException"/> on a wrong key, context or byte.</summary>
    internal static byte[] Decrypt(byte[] key, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> context)
    {
        if (sealedBytes.Length < NonceBytes + TagBytes)
            throw new AuthenticationTagMismatchException();
        var plain = new byte[sealedBytes.Length - NonceBytes - TagBytes];
        using var gcm = new AesGcm(key, TagBytes);
        gcm.Decrypt(sealedBytes[..NonceBytes], sealedBytes.Slice(NonceBytes, plain.Length), sealedBytes[^TagBytes..], plain, context);
        return plain;
    }

    private static string FingerprintOf(IEnumerable<string> ids) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes("countersign-ring\n" + string.Join('\n', ids.Order(StringComparer.Ordinal)))))[..32];

    private static void Create(string folder, string file)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var stream = new FileStream(file, options);
            stream.Write(Encoding.ASCII.GetBytes(Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n"));
            stream.Flush(flushToDisk: true);
        }
        catch (IOException) when (File.Exists(file))
        {
            // Another process of this node made it in the same moment; it is read next.
        }
    }

    private static KeyRing Parse(IEnumerable<string> lines, string origin)
    {
        var masters = new List<(string, byte[])>();
        foreach (var line in lines.Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#')))
        {
            var key = new byte[KeyBytes + 1];
            if (!line.StartsWith(Prefix, StringComparison.Ordinal) || !Convert.TryFromBase64String(line[Prefix.Length..], key, out var length) || length != KeyBytes)
                throw new StartUpException($"The key file {origin} has a line that is not a key: restore the file from its backup.");
            var id = Convert.ToHexStringLower(SHA256.HashData(key.AsSpan(0, KeyBytes)))[..16];
            if (masters.Exists(m => m.Item1 == id))
                throw new StartUpException($"The key file {origin} holds one key twice: take one of the two lines out.");
            masters.Add((id, key[..KeyBytes]));
        }

        if (masters.Count > MostKeys)
            throw new StartUpException($"The key file {origin} holds {masters.Count} keys, more than {MostKeys}: keep it to those that were ever in use.");
        return masters.Count > 0 ? new KeyRing(masters) : throw new StartUpException($"The key file {origin} holds no key: restore the file from its backup.");
    }
}
