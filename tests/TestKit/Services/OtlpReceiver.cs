using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.TestKit.Services;

/// <summary>A span as it was exported.</summary>
/// <param name="Source">Its instrumentation scope.</param>
/// <param name="Parent">Id of the span above, or empty.</param>
/// <param name="Links">Trace and span ids it links to.</param>
public sealed record ReceivedSpan(string Source, string TraceId, string Id, string Parent, string Name, int Kind, ulong Start, ulong End, IReadOnlyDictionary<string, string> Tags,
    IReadOnlyList<(string TraceId, string SpanId)> Links);

/// <summary>A log entry as it was exported.</summary>
public sealed record ReceivedLog(string Category, string Body, string TraceId, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A collector on loopback that takes OTLP over HTTP and keeps what it gets.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<ReceivedSpan> spans = new();
    private readonly ConcurrentQueue<ReceivedLog> logs = new();
    private readonly ConcurrentDictionary<string, byte> metrics = new(StringComparer.Ordinal);

    private OtlpReceiver(WebApplication app) => this.app = app;

    /// <summary>Value of <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Endpoint => app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();

    /// <summary>All spans so far.</summary>
    public IReadOnlyCollection<ReceivedSpan> Spans => spans;

    /// <summary>All log entries so far.</summary>
    public IReadOnlyCollection<ReceivedLog> Logs => logs;

    /// <summary>Names of all metrics so far.</summary>
    public ICollection<string> Metrics => metrics.Keys;

    /// <summary>Starts on a free loopback port.</summary>
    public static async Task<OtlpReceiver> StartAsync(CancellationToken cancellationToken = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var built = builder.Build();
        var receiver = new OtlpReceiver(built);
        built.MapPost("/v1/traces", context => Take(context, receiver.Traces));
        built.MapPost("/v1/logs", context => Take(context, receiver.Entries));
        built.MapPost("/v1/metrics", context => Take(context, receiver.Measurements));
        await built.StartAsync(cancellationToken);
        return receiver;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static async Task Take(HttpContext context, Action<Field> read)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        read(new Field(0, 0, body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }

    // Field numbers: opentelemetry-proto 1.x, trace.proto, logs.proto, metrics.proto.
    private void Traces(Field request)
    {
        foreach (var scope in request.All(1).SelectMany(r => r.All(2)))
        {
            var source = scope.First(1).First(1).Text;
            foreach (var s in scope.All(2))
            {
                spans.Enqueue(new ReceivedSpan(source, s.First(1).Hex, s.First(2).Hex, s.First(4).Hex, s.First(5).Text, (int)s.First(6).Number, s.First(7).Number, s.First(8).Number,
                    Attributes(s, 9), [.. s.All(13).Select(l => (l.First(1).Hex, l.First(2).Hex))]));
            }
        }
    }

    private void Entries(Field request)
    {
        foreach (var scope in request.All(1).SelectMany(r => r.All(2)))
        {
            foreach (var entry in scope.All(2))
                logs.Enqueue(new ReceivedLog(scope.First(1).First(1).Text, Value(entry.First(5)), entry.First(9).Hex, Attributes(entry, 6)));
        }
    }

    private void Measurements(Field request)
    {
        foreach (var metric in request.All(1).SelectMany(r => r.All(2)).SelectMany(s => s.All(2)))
            metrics.TryAdd(metric.First(1).Text, 0);
    }

    private static Dictionary<string, string> Attributes(Field of, int number)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in of.All(number))
            all[pair.First(1).Text] = Value(pair.First(2));
        return all;
    }

    private static string Value(Field any)
    {
        foreach (var value in any.Inner())
        {
            return value.Id switch
            {
                1 => value.Text,
                4 => BitConverter.UInt64BitsToDouble(value.Number).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
                5 => string.Join(',', value.All(1).Select(Value)),
                _ => value.Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            };
        }

        return "";
    }

    /// <summary>One field of a protobuf message: its number, and its value as a number or as bytes.</summary>
    private readonly record struct Field(int Id, ulong Number, ReadOnlyMemory<byte> Bytes)
    {
        public string Text => Encoding.UTF8.GetString(Bytes.Span);

        public string Hex => Convert.ToHexStringLower(Bytes.Span);

        public IEnumerable<Field> All(int id) => Inner().Where(f => f.Id == id);

        public Field First(int id) => All(id).FirstOrDefault();

        public List<Field> Inner()
        {
            var fields = new List<Field>();
            var rest = Bytes;
            while (rest.Length > 0)
            {
                var key = Varint(ref rest);
                var (id, wire) = ((int)(key >> 3), (int)(key & 7));
                switch (wire)
                {
                    case 0:
                        fields.Add(new Field(id, Varint(ref rest), default));
                        break;
                    case 1:
                        fields.Add(new Field(id, BinaryPrimitives.ReadUInt64LittleEndian(rest.Span), default));
                        rest = rest[8..];
                        break;
                    case 2:
                        var length = (int)Varint(ref rest);
                        fields.Add(new Field(id, 0, rest[..length]));
                        rest = rest[length..];
                        break;
                    case 5:
                        fields.Add(new Field(id, BinaryPrimitives.ReadUInt32LittleEndian(rest.Span), default));
                        rest = rest[4..];
                        break;
                    default:
                        throw new InvalidDataException($"Wire type {wire} is not protobuf.");
                }
            }

            return fields;
        }

        private static ulong Varint(ref ReadOnlyMemory<byte> rest)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = rest.Span[0];
                rest = rest[1..];
                value |= (ulong)(next & 0x7f) << shift;
                if ((next & 0x80) == 0)
                    return value;
            }
        }
    }
}
