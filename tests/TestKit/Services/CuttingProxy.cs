using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Countersign.TestKit.Services;

/// <summary>Where a connection is cut.</summary>
public enum Cut
{
    /// <summary>Nowhere: it is passed through.</summary>
    Nowhere,

    /// <summary>In the middle of the request: the server never has it whole.</summary>
    InTheRequest,

    /// <summary>When the server has the whole request and nobody has heard of an answer: what becomes of it is unknown.</summary>
    AfterTheRequest,

    /// <summary>When the first byte of the answer is there: the server has done it, the caller never hears of it.</summary>
    BeforeTheAnswer,
}

/// <summary>A TCP proxy between a caller and a server that cuts connections where it is told to. One request a connection: callers send <c>Connection: close</c>.</summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private int _next;
    private int _cuts;

    /// <summary>Begins to listen.</summary>
    /// <param name="serverPort">Port of the server on loopback.</param>
    public CuttingProxy(int serverPort)
    {
        _server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Where callers go.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Connections that were cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>What happens to the next connection; the ones after it are passed through.</summary>
    public void CutNext(Cut where) => Volatile.Write(ref _next, (int)where);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptSocketAsync(_over.Token);
                _ = Relay(caller, (Cut)Interlocked.Exchange(ref _next, (int)Cut.Nowhere));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Relay(Socket caller, Cut cut)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (caller)
        {
            try
            {
                await server.ConnectAsync(_server, _over.Token);
                if (!await Request(caller, server, cut) || !await Answer(server, caller, cut))
                {
                    Interlocked.Increment(ref _cuts);
                    // Both sides get a reset, as from a dead network device: no orderly end that could be taken for one.
                    caller.LingerState = server.LingerState = new LingerOption(enable: true, 0);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // One side went away; the other is told by closing.
            }
        }
    }

    private async Task<bool> Request(Socket caller, Socket server, Cut cut)
    {
        var seen = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (!IsWhole(seen))
        {
            var read = await caller.ReceiveAsync(buffer, _over.Token);
            if (read == 0)
                return true;
            seen.AddRange(buffer.AsSpan(0, read));
            // All but its last byte: headers and most of the body are there, and still it must count for nothing.
            var pass = cut == Cut.InTheRequest && IsWhole(seen) ? read - 1 : read;
            await Send(server, buffer.AsMemory(0, pass));
        }

        return cut is not (Cut.InTheRequest or Cut.AfterTheRequest);
    }

    private async Task<bool> Answer(Socket server, Socket caller, Cut cut)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await server.ReceiveAsync(buffer, _over.Token)) > 0)
        {
            if (cut == Cut.BeforeTheAnswer)
                return false;
            await Send(caller, buffer.AsMemory(0, read));
        }

        return true;
    }

    private async Task Send(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await to.SendAsync(bytes, _over.Token)..];
    }

    private static bool IsWhole(List<byte> seen)
    {
        var text = Encoding.Latin1.GetString([.. seen]);
        var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
            return false;
        foreach (var line in text[..head].Split("\r\n"))
        {
            if (line.StartsWith("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
                return text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal);
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                return text.Length - head - 4 >= int.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture);
        }

        return true;
    }
}
