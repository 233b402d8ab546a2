using System.Security.Cryptography;
using System.Text.Json;

namespace Countersign.Projections.Databases;

/// <summary>
/// Passwords of the database roles. With a configured server whose connection string has a password they are derived
/// from it, so that every node comes to the same ones without sharing a file; otherwise they are generated once and kept
/// in <c>database.json</c> of the data folder, readable by its owner alone.
/// </summary>
internal sealed class DatabaseSecrets
{
    private readonly string _file;
    private readonly Dictionary<string, string> _passwords;

    private DatabaseSecrets(string file, Dictionary<string, string> passwords)
    {
        _file = file;
        _passwords = passwords;
    }

    /// <summary>The file of a data folder; it need not exist yet.</summary>
    public static string FileIn(string dataFolder) => Path.Combine(dataFolder, "database.json");

    public static DatabaseSecrets Open(string dataFolder)
    {
        var file = FileIn(dataFolder);
        if (!File.Exists(file))
            return new DatabaseSecrets(file, new Dictionary<string, string>(StringComparer.Ordinal));
        try
        {
            var passwords = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(file));
            return new DatabaseSecrets(file, passwords ?? throw new JsonException("null"));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartUpException(
                $"The file {file} with the database passwords cannot be read ({DataFolders.FirstLine(e.Message)}): "
                + "restore it from a backup, or follow docs/runbooks/broken-data-folder.md.",
                e);
        }
    }

    public bool Has(string role) => _passwords.ContainsKey(role);

    /// <summary>The password of a role, made and stored at the first call.</summary>
    public string For(string role)
    {
        if (!_passwords.TryGetValue(role, out var password))
        {
            _passwords[role] = password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
            Store();
        }

        return password;
    }

    /// <summary>A role's password derived from the password of the configured user (HMAC-SHA256).</summary>
    public static string Derived(string from, string role) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(System.Text.Encoding.UTF8.GetBytes(from), System.Text.Encoding.UTF8.GetBytes($"countersign database role {role}")))[..48];

    private void Store()
    {
        // Written beside and moved over, so that a crash leaves the old file or the new one, never half of one.
        var scratch = _file + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(scratch, options))
        {
            JsonSerializer.Serialize(stream, _passwords);
            stream.Flush(flushToDisk: true);
        }

        File.Move(scratch, _file, overwrite: true);
    }
}
