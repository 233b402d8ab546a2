using System.Net;

namespace Countersign.Client;

/// <summary>The service answered with a problem.</summary>
public sealed class CountersignProblemException : Exception
{
    private const string Prefix = "urn:countersign:problem:";

    /// <summary>Makes the exception of a problem.</summary>
    public CountersignProblemException(Problem problem, TimeSpan? retryAfter = null)
        : base(Sentence(problem))
    {
        ArgumentNullException.ThrowIfNull(problem);
        Problem = problem;
        RetryAfter = retryAfter;
    }

    /// <summary>The problem as it was answered.</summary>
    public Problem Problem { get; }

    /// <summary>Stable code, <c>noun.reason</c>; empty when the answer did not come from this API.</summary>
    public string Code => Problem.Type is { } type && type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : "";

    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status => (HttpStatusCode)Problem.Status;

    /// <summary>When to try again, as the service asked; null when it did not.</summary>
    public TimeSpan? RetryAfter { get; }

    private static string Sentence(Problem problem)
    {
        var text = $"{problem.Status} {problem.Title ?? "Problem"}: {problem.Detail ?? "no detail was given"}";
        if (problem.Errors is { Count: > 0 } errors)
            text += $" ({string.Join("; ", errors.Select(e => $"{e.Pointer}: {e.Detail}"))})";
        return problem.TraceId is null ? text : $"{text} [trace {problem.TraceId}]";
    }
}
