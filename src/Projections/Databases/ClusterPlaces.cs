namespace Countersign.Projections.Databases;

/// <summary>
/// Where a data folder's cluster lies. Normally inside of it; when the server runs as another user who may not enter that
/// folder (a clone below /root, say), in a folder of its own under /var/lib, and the data folder keeps a pointer to it.
/// </summary>
internal sealed class ClusterPlaces(string dataFolder, ServerUser user)
{
    private string Pointer => Path.Combine(dataFolder, "postgresql.location");

    public async Task<PostgresCluster> Find(CancellationToken cancel)
    {
        if (File.Exists(Pointer))
        {
            var cluster = new PostgresCluster((await File.ReadAllTextAsync(Pointer, cancel)).Trim());
            if (cluster.Exists)
                return cluster;
            // Never a new, empty database in the place of a lost one.
            throw new StartUpException(
                $"The database {cluster.Data} that {Pointer} names is gone: restore it from a backup, "
                + $"or delete {dataFolder} to begin with an empty one.");
        }

        var inside = Path.Combine(dataFolder, "postgresql");
        Directory.CreateDirectory(inside);
        if (await user.CanEnter(inside, cancel))
            return new PostgresCluster(inside);
        foreach (var root in (string[])["/var/lib/countersign", "/var/tmp/countersign"])
        {
            var outside = Path.Combine(root, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N"));
            try
            {
                Directory.CreateDirectory(outside);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            if (await user.CanEnter(outside, cancel))
                return new PostgresCluster(outside);
            Directory.Delete(outside);
        }

        throw new StartUpException(
            $"The user {user.Name} who runs PostgreSQL may not enter {dataFolder}: name a folder in Countersign:DataFolder "
            + "that this user may enter (every folder above it too), or start Countersign as an ordinary user.");
    }

    /// <summary>From now on these files are the database; their loss is an error, not a first start.</summary>
    public void Remember(PostgresCluster cluster)
    {
        if (File.Exists(Pointer))
            return;
        File.WriteAllText(Pointer + ".new", cluster.Home + "\n");
        File.Move(Pointer + ".new", Pointer, overwrite: true);
    }
}
