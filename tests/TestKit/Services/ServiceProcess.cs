using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Countersign.TestKit.Services;

/// <summary>The service as a process of its own, to be killed and started again on the same data folder.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly string assembly;
    private readonly Dictionary<string, string> environment;
    private readonly Queue<string> output = new();
    private Process? process;

    /// <summary>Prepares the service; nothing runs yet.</summary>
    /// <param name="assembly">Path of the service's assembly.</param>
    /// <param name="environment">Environment variables besides the address.</param>
    public ServiceProcess(string assembly, IReadOnlyDictionary<string, string> environment)
    {
        this.assembly = assembly;
        Port = FreePort();
        this.environment = new Dictionary<string, string>(environment, StringComparer.Ordinal) { ["ASPNETCORE_URLS"] = Address.ToString() };
    }

    /// <summary>Port the service listens on; the same after each start.</summary>
    public int Port { get; }

    /// <summary>Base address.</summary>
    public Uri Address => new($"http://127.0.0.1:{Port}/");

    /// <summary>Id of the process that runs now.</summary>
    public int ProcessId => process?.Id ?? throw new InvalidOperationException("The service was not started.");

    /// <summary>The last 200 lines the service printed.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return string.Join(Environment.NewLine, output);
        }
    }

    /// <summary>Starts the service and returns when it is ready.</summary>
    /// <param name="http">Client for the readiness question.</param>
    /// <param name="within">Bound; then an exception with the service's output.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StartAsync(HttpClient http, TimeSpan within, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = Path.GetDirectoryName(assembly) };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        process?.Dispose();
        process = Process.Start(start) ?? throw new InvalidOperationException("The service did not start.");
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var watch = Stopwatch.StartNew();
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await IsReady(http, cancellationToken))
        {
            if (process.HasExited)
            {
                // Until its output has been read to the end: the reason stands in the last line.
                await process.WaitForExitAsync(cancellationToken);
                throw new InvalidOperationException($"The service ended with exit code {process.ExitCode}:{Environment.NewLine}{Output}");
            }

            if (watch.Elapsed > within)
                throw new TimeoutException($"The service was not ready within {within}:{Environment.NewLine}{Output}");
            await ticks.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Kills the process at once, as kill -9 does; its database server lives on.</summary>
    public async Task KillAsync()
    {
        if (process is null || process.HasExited)
            return;
        process.Kill(entireProcessTree: false);
        await process.WaitForExitAsync();
    }

    /// <summary>Asks the service to end (SIGTERM) and waits.</summary>
    public async Task StopAsync(TimeSpan within)
    {
        if (process is null || process.HasExited)
            return;
        using (var term = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await term.WaitForExitAsync();
        using var bound = new CancellationTokenSource(within);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(60));
        process?.Dispose();
    }

    private static async Task<bool> IsReady(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>A port nobody listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (output)
        {
            output.Enqueue(line);
            if (output.Count > 200)
                output.Dequeue();
        }
    }
}
