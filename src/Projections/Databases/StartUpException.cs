namespace Countersign.Projections.Databases;

/// <summary>
/// The service cannot start, for a reason a person can remove. The message is one sentence with its remedy; the host
/// prints it alone, without a stack trace, and ends with an exit code other than 0.
/// </summary>
public sealed class StartUpException : Exception
{
    /// <summary>A sentence saying what is wrong and what to do.</summary>
    public StartUpException(string sentence)
        : base(sentence)
    {
    }

    /// <summary>A sentence saying what is wrong and what to do, and what was caught.</summary>
    public StartUpException(string sentence, Exception inner)
        : base(sentence, inner)
    {
    }
}
