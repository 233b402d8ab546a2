namespace Countersign.Projections.Databases;

/// <summary>
/// Who runs a local server. PostgreSQL refuses to run as root, so a root process hands its folder to another system user
/// and starts the programs as that user; any other process runs them itself.
/// </summary>
/// <param name="Name">The other system user; null when the programs run as ourselves.</param>
/// <param name="Tool">The program that changes the user.</param>
/// <param name="Group">The number of that user's group.</param>
internal sealed record ServerUser(string? Name, string Tool = "", string Group = "")
{
    public static async Task<ServerUser> Choose(string? wanted, CancellationToken cancel)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return new ServerUser(Name: null);
        string[] names = wanted is null ? ["postgres", "nobody"] : [wanted];
        foreach (var name in names)
        {
            if (await Subprocess.TryRun("id", ["-u", name], TimeSpan.FromSeconds(10), cancel: cancel) is not { Succeeded: true } id
                || await Subprocess.TryRun("id", ["-g", name], TimeSpan.FromSeconds(10), cancel: cancel) is not { Succeeded: true } group)
                continue;
            if (id.Output.Trim() == "0")
                throw new StartUpException($"PostgreSQL refuses to run as root: name another user than '{name}' in Countersign:Database:RunAs.");
            foreach (var tool in (string[])["setpriv", "runuser", "su"])
            {
                var user = new ServerUser(name, tool, group.Output.Trim());
                var (file, arguments) = user.Wrap("true", []);
                if (await Subprocess.TryRun(file, arguments, TimeSpan.FromSeconds(10), cancel: cancel) is { Succeeded: true })
                    return user;
            }
        }

        throw new StartUpException(
            $"PostgreSQL refuses to run as root, and no other user was found to run it ({string.Join(", ", names)}, by setpriv, runuser or su): "
            + "start Countersign as an ordinary user, or name a system user in Countersign:Database:RunAs.");
    }

    /// <summary>The command line that runs a program as this user.</summary>
    public (string File, IReadOnlyList<string> Arguments) Wrap(string file, IReadOnlyList<string> arguments) => (Name, Tool) switch
    {
        (null, _) => (file, arguments),
        (_, "setpriv") => ("setpriv", ["--reuid", Name, "--regid", Group, "--clear-groups", "--", file, .. arguments]),
        (_, "runuser") => ("runuser", ["-u", Name, "--", file, .. arguments]),
        _ => ("su", ["-s", "/bin/sh", Name, "-c", string.Join(' ', arguments.Prepend(file).Select(Quoted))]),
    };

    public async Task<Finished> Run(string file, IReadOnlyList<string> arguments, TimeSpan bound, CancellationToken cancel)
    {
        var (tool, all) = Wrap(file, arguments);
        return await Subprocess.Run(tool, all, bound, cancel: cancel);
    }

    /// <summary>Hands a folder with all in it to the user.</summary>
    public async Task Own(string folder, CancellationToken cancel)
    {
        if (Name is null)
            return;
        var done = await Subprocess.Run("chown", ["-R", Name, folder], TimeSpan.FromMinutes(2), cancel: cancel);
        if (!done.Succeeded)
        {
            throw new StartUpException(
                $"The folder {folder} could not be given to the user {Name} who runs PostgreSQL ({DataFolders.FirstLine(done.Reason)}): "
                + "check the file system's rights, or name another folder in Countersign:DataFolder.");
        }
    }

    /// <summary>Whether the user may enter the folder: every folder above it counts too.</summary>
    public async Task<bool> CanEnter(string folder, CancellationToken cancel) =>
        Name is null || (await Run("test", ["-x", folder], TimeSpan.FromSeconds(10), cancel)).Succeeded;

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
