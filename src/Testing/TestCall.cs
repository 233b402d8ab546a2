using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Testing;

/// <summary>Stands in for a called process that the test does not want to run.</summary>
public sealed class TestCall
{
    private readonly Script<CallAnswer> _script = new();

    internal TestCall()
    {
    }

    internal bool HasAnswer => !_script.IsEmpty;

    /// <summary>The called process completes. Several answers are given one after the other; the last one stays.</summary>
    /// <param name="variables">Its variables at the end; null means none.</param>
    /// <returns>The same stand-in.</returns>
    public TestCall Completes(object? variables = null) => Add(CallReport.Completed, null, variables, null);

    /// <summary>The called process ends with a BPMN error.</summary>
    /// <param name="errorCode">Error code.</param>
    /// <param name="variables">Variables handed over; null means none.</param>
    /// <returns>The same stand-in.</returns>
    public TestCall Throws(string errorCode, object? variables = null) => Add(CallReport.Error, errorCode, variables, null);

    /// <summary>The called process was cancelled or cannot be started: an incident for the caller.</summary>
    /// <param name="message">One sentence.</param>
    /// <returns>The same stand-in.</returns>
    public TestCall Fails(string message = "The called process failed.") => Add(CallReport.Failed, "call.failed", null, message);

    internal CallAnswer Next()
    {
        var answer = _script.Current;
        _script.Advance();
        return answer;
    }

    private TestCall Add(CallReport report, string? code, object? variables, string? message)
    {
        _script.Add(new CallAnswer(report, code, TestJson.Variables(variables), message));
        return this;
    }
}

internal sealed record CallAnswer(CallReport Report, string? Code, ImmutableDictionary<string, JsonElement> Variables, string? Message);
