using System.Diagnostics;

namespace Countersign.Integration.Tests.Instances;

/// <summary>Waits for a condition in a database that nothing here can be told about; bounded.</summary>
internal static class Eventually
{
    public static async Task Holds(Func<Task<bool>> condition, string what, int seconds = 40)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed.TotalSeconds > seconds)
                throw new TimeoutException($"Not so within {seconds} s: {what}");
            await Task.Delay(50, Xunit.TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The first that is not null.</summary>
    public static async Task<T> Find<T>(Func<Task<T?>> find, string what)
    {
        T? found = default;
        await Holds(async () => (found = await find()) is not null, what);
        return found!;
    }
}
