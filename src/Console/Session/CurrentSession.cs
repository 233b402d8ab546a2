namespace Countersign.Console.Session;

/// <summary>The session of this request or circuit.</summary>
internal sealed class CurrentSession(SessionStore store)
{
    public string? Id { get; private set; }

    public ConsoleSession? Session { get; private set; }

    public void Set(string id, ConsoleSession session) => (Id, Session) = (id, session);

    /// <summary>Leaves one sentence for the next page.</summary>
    public async Task Say(FlashKind kind, string text)
    {
        if (Id is null || await store.Find(Id, CancellationToken.None) is not { } session)
            return;
        Session = session with { Flash = new Flash(kind, text) };
        await store.Save(Id, Session, CancellationToken.None);
    }

    /// <summary>Takes the sentence left by the page before; it is said once.</summary>
    public async Task<Flash?> TakeFlash()
    {
        if (Id is null || Session?.Flash is not { } flash)
            return null;
        Session = Session with { Flash = null };
        if (await store.Find(Id, CancellationToken.None) is { } session)
            await store.Save(Id, session with { Flash = null }, CancellationToken.None);
        return flash;
    }
}
