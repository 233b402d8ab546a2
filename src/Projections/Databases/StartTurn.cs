namespace Countersign.Projections.Databases;

/// <summary>
/// One process at a time makes or starts what lies in a data folder. The lock is the operating system's, so it ends with the
/// process, however that ends.
/// </summary>
internal static class StartTurn
{
    private const int Attempts = 900;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<FileStream> Take(string dataFolder, CancellationToken cancel)
    {
        var file = Path.Combine(dataFolder, "start.lock");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < Attempts)
            {
                // Another process of ours is starting the same server; two must not.
                await Task.Delay(Pause, cancel);
            }
            catch (IOException e)
            {
                throw new StartUpException($"Another Countersign has been starting from {dataFolder} for a minute and a half: stop it, or name another folder in Countersign:DataFolder.", e);
            }
        }
    }
}
