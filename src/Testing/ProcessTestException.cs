namespace Countersign.Testing;

/// <summary>A test cannot go on. The message says what to do next.</summary>
public sealed class ProcessTestException : Exception
{
    /// <summary>With a message that says what to do next.</summary>
    /// <param name="message">The message.</param>
    public ProcessTestException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and what caused it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="inner">What caused it.</param>
    public ProcessTestException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Without a message.</summary>
    public ProcessTestException()
    {
    }
}
