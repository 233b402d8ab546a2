using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Domain.Trail;

/// <summary>What a log says about itself: the text of the signed note in a <see cref="StatementLeaf"/>.</summary>
public abstract record TrailStatement
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The text that is signed: one canonical JSON object and a newline.</summary>
    public abstract string Text { get; }

    /// <summary>Reads a statement.</summary>
    /// <param name="text">The text of a note.</param>
    /// <param name="statement">The statement, or null when this is none.</param>
    public static bool TryParse(string text, out TrailStatement? statement)
    {
        statement = null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var kind = document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("statement", out var named) && named.ValueKind == JsonValueKind.String
                ? named.GetString()
                : null;
            statement = kind switch
            {
                "epoch" => JsonSerializer.Deserialize<EpochShape>(text, Json)?.ToStatement(),
                "key" => JsonSerializer.Deserialize<KeyShape>(text, Json)?.ToStatement(),
                _ => null,
            };
        }
        catch (JsonException)
        {
            // A foreign text is an answer here, not a failure.
            return false;
        }
        return statement is not null && string.Equals(statement.Text, text, StringComparison.Ordinal);
    }

    private protected static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    private sealed record EpochShape(
        [property: JsonRequired] string ClosedRoot, [property: JsonRequired] long ClosedSize, [property: JsonRequired] string Operator,
        [property: JsonRequired] string Origin, [property: JsonRequired] string Previous, [property: JsonRequired] string PublishedRoot,
        [property: JsonRequired] long PublishedSize, [property: JsonRequired] string Reason, [property: JsonRequired] string Statement,
        [property: JsonRequired] string Time)
    {
        public TrailStatement? ToStatement() =>
            TreeHash.TryParse(ClosedRoot, out var closed) && TreeHash.TryParse(PublishedRoot, out var published) && TryTime(Time, out var time)
                ? new EpochStatement(Origin, new Checkpoint(Previous, ClosedSize, closed), new Checkpoint(Previous, PublishedSize, published),
                    Reason, Operator, time)
                : null;
    }

    private sealed record KeyShape(
        [property: JsonRequired] string From, [property: JsonRequired] string Origin, [property: JsonRequired] string Statement,
        [property: JsonRequired] string Time, [property: JsonRequired] string To)
    {
        public TrailStatement? ToStatement() =>
            VerifierKey.TryParse(From, out var from) && VerifierKey.TryParse(To, out var to) && TryTime(Time, out var time)
                ? new KeyStatement(Origin, from!, to!, time)
                : null;
    }
}

/// <summary>A restore lost leaves that were published, so a new log goes on under the next origin.</summary>
/// <param name="Origin">Origin of the new log.</param>
/// <param name="Closed">The old log as it was restored: where it ends for good.</param>
/// <param name="Published">The last checkpoint of the old log that is known to have been published; larger than the restored one.</param>
/// <param name="Reason">Why, in an operator's words.</param>
/// <param name="Operator">Who says so.</param>
/// <param name="Time">When.</param>
public sealed record EpochStatement(
    string Origin, Checkpoint Closed, Checkpoint Published, string Reason, string Operator, DateTimeOffset Time) : TrailStatement
{
    /// <inheritdoc/>
    public override string Text => new JsonLine()
        .Member("closedRoot", Closed.Root.ToString()).Member("closedSize", Closed.Size).Member("operator", Operator)
        .Member("origin", Origin).Member("previous", Closed.Origin).Member("publishedRoot", Published.Root.ToString())
        .Member("publishedSize", Published.Size).Member("reason", Reason).Member("statement", "epoch")
        .Member("time", EventLeaf.TimeText(Time)) + "\n";
}

/// <summary>A key takes over from another; the note is signed by both.</summary>
/// <param name="Origin">Origin of the log in which it stands.</param>
/// <param name="From">The key that signed until now.</param>
/// <param name="To">The key that signs from now on.</param>
/// <param name="Time">When.</param>
public sealed record KeyStatement(string Origin, VerifierKey From, VerifierKey To, DateTimeOffset Time) : TrailStatement
{
    /// <inheritdoc/>
    public override string Text => new JsonLine()
        .Member("from", From.ToString()).Member("origin", Origin).Member("statement", "key")
        .Member("time", EventLeaf.TimeText(Time)).Member("to", To.ToString()) + "\n";

    /// <summary>Whether a note with this text is signed by both keys.</summary>
    /// <param name="note">The note.</param>
    public bool IsSignedByBoth(SignedNote note) => note.VerifiedBy([From, To]) is { } keys && keys.Contains(From) && keys.Contains(To);
}
