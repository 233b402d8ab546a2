using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Countersign.TestKit.Services;

/// <summary>How a scripted receiver answers one request: writes to the connection, or does not.</summary>
public delegate Task ReceiverScript(NetworkStream connection, CancellationToken cancellation);

/// <summary>A receiver on loopback that misbehaves on the wire: it answers with bytes, not with a framework that would prevent what is to be tried.</summary>
public sealed class ScriptedReceiver : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ends = new();
    private readonly ConcurrentQueue<ReceivedDelivery> deliveries = new();
    private readonly Task accepts;
    private long sent;
    private int connections;

    /// <summary>Listens at once.</summary>
    /// <param name="script">How each request is answered.</param>
    public ScriptedReceiver(ReceiverScript script)
    {
        Script = script;
        listener.Start();
        accepts = Task.Run(Accept);
    }

    /// <summary>Address to subscribe.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/hooks"));

    /// <summary>The script; may be changed while it runs.</summary>
    public ReceiverScript Script { get; set; }

    /// <summary>Requests that arrived whole, in order.</summary>
    public IReadOnlyCollection<ReceivedDelivery> Deliveries => deliveries;

    /// <summary>Connections that were accepted.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>Bytes of endless answers that the other side took off the wire or its system buffered.</summary>
    public long Sent => Interlocked.Read(ref sent);

    /// <summary>An answer with a status, headers and no body.</summary>
    public static ReceiverScript Status(int status, params (string Name, string Value)[] headers) => (connection, cancellation) =>
        Write(connection, $"HTTP/1.1 {status} Scripted\r\n{string.Concat(headers.Select(h => $"{h.Name}: {h.Value}\r\n"))}Content-Length: 0\r\nConnection: close\r\n\r\n", cancellation);

    /// <summary>No answer until the other side gives up.</summary>
    public static ReceiverScript Silence() => (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    /// <summary>The connection is reset, before or in the middle of an answer.</summary>
    /// <param name="beginning">What is sent before, or nothing.</param>
    public static ReceiverScript Reset(string beginning = "") => async (connection, cancellation) =>
    {
        await Write(connection, beginning, cancellation);
        connection.Socket.LingerState = new LingerOption(true, 0);
        connection.Socket.Close();
    };

    /// <summary>An answer with a body of which one byte comes every now and then, for ever.</summary>
    public static ReceiverScript SlowLoris(TimeSpan pause) => async (connection, cancellation) =>
    {
        await Write(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n", cancellation);
        using var ticks = new PeriodicTimer(pause);
        while (await ticks.WaitForNextTickAsync(cancellation))
            await Write(connection, "x", cancellation);
    };

    /// <summary>An answer with a body of so many bytes, as fast as they are taken.</summary>
    public ReceiverScript Large(long bytes) => async (connection, cancellation) =>
    {
        await Write(connection, $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {bytes}\r\n\r\n", cancellation);
        var part = new byte[16 * 1024];
        Array.Fill(part, (byte)'x');
        for (long done = 0; done < bytes; done += part.Length)
        {
            await connection.WriteAsync(part, cancellation);
            Interlocked.Add(ref sent, part.Length);
        }
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ends.CancelAsync();
        listener.Stop();
        await accepts;
        ends.Dispose();
    }

    private static Task Write(NetworkStream connection, string text, CancellationToken cancellation) => connection.WriteAsync(Encoding.Latin1.GetBytes(text), cancellation).AsTask();

    private async Task Accept()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(ends.Token);
                Interlocked.Increment(ref connections);
                open.Add(Serve(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The receiver was closed.
        }

        await Task.WhenAll(open);
    }

    private async Task Serve(Socket socket)
    {
        await using var connection = new NetworkStream(socket, ownsSocket: true);
        try
        {
            if (await Read(connection) is not { } delivery)
                return;
            deliveries.Enqueue(delivery);
            await Script(connection, ends.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other side hung up, which some scripts wait for.
        }
    }

    private async Task<ReceivedDelivery?> Read(NetworkStream connection)
    {
        var all = new MemoryStream();
        var part = new byte[8 * 1024];
        while (true)
        {
            var text = Encoding.Latin1.GetString(all.GetBuffer(), 0, (int)all.Length);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var headers = text[..end].Split("\r\n").Skip(1).Select(l => l.Split(':', 2)).ToDictionary(l => l[0], l => l[1].Trim(), StringComparer.OrdinalIgnoreCase);
                var length = int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture);
                if (all.Length >= end + 4 + length)
                    return new ReceivedDelivery(headers.GetValueOrDefault("Idempotency-Key", ""), Encoding.UTF8.GetString(all.GetBuffer(), end + 4, length), headers);
            }

            var read = await connection.ReadAsync(part, ends.Token);
            if (read == 0)
                return null;
            all.Write(part, 0, read);
        }
    }
}
