namespace Countersign.Console.Session;

/// <summary>A signed-in person's session as it lies, encrypted, on the server. The browser holds the id and nothing else.</summary>
internal sealed record ConsoleSession(string Name, string Subject, string AccessToken, DateTimeOffset AccessTokenEndsAt, string? RefreshToken, string? IdToken,
    DateTimeOffset CreatedAt, DateTimeOffset SeenAt, Flash? Flash = null);

/// <summary>One sentence for the next page of the session.</summary>
internal sealed record Flash(FlashKind Kind, string Text);

/// <summary>How a sentence is meant.</summary>
public enum FlashKind
{
    Good,
    Warn,
}
