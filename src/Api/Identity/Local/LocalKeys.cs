using System.Security.Cryptography;
using Countersign.Projections.Databases;
using Microsoft.IdentityModel.Tokens;

namespace Countersign.Api.Identity.Local;

/// <summary>Keys of the built-in provider: one that signs tokens and one that seals codes and refresh tokens.</summary>
internal sealed class LocalKeys : IDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);

    public LocalKeys(LocalIdentityOptions options)
    {
        var seal = RandomNumberGenerator.GetBytes(32);
        if (options.KeyFolder is { } folder)
        {
            Directory.CreateDirectory(folder);
            _rsa.ImportFromPem(Keep(Path.Combine(folder, "local-identity-signing.pem"), _rsa.ExportPkcs8PrivateKeyPem()));
            seal = Convert.FromBase64String(Keep(Path.Combine(folder, "local-identity-sealing.key"), Convert.ToBase64String(seal)));
        }

        Signing = new RsaSecurityKey(_rsa) { KeyId = Base64UrlEncoder.Encode(SHA256.HashData(_rsa.ExportSubjectPublicKeyInfo())[..12]) };
        Sealing = new SymmetricSecurityKey(seal);
    }

    public RsaSecurityKey Signing { get; }

    public SymmetricSecurityKey Sealing { get; }

    public void Dispose() => _rsa.Dispose();

    private static string Keep(string file, string fresh)
    {
        try
        {
            if (!File.Exists(file))
            {
                // The name appears with its content or not at all, so that a crash leaves no half a key.
                var part = file + ".part";
                var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                using (var stream = new FileStream(part, options))
                using (var writer = new StreamWriter(stream))
                    writer.Write(fresh);
                File.Move(part, file, overwrite: false);
            }

            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartUpException($"The key file {file} cannot be read or written: give this user the right to, or name another folder in Countersign:DataFolder.", e);
        }
    }
}
