using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Testing;

/// <summary>A job as a scripted worker gets it.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="ElementId">BPMN id of the step.</param>
/// <param name="Type">Job type.</param>
/// <param name="Attempt">The attempt, from 1.</param>
/// <param name="Headers">Static task headers.</param>
/// <param name="Variables">Input variables: those of the mapping, or all that are visible at the step.</param>
/// <param name="Now">Simulated time (UTC).</param>
public sealed record TestJob(Guid InstanceId, string ElementId, string Type, int Attempt, ImmutableDictionary<string, string> Headers,
    ImmutableDictionary<string, JsonElement> Variables, DateTimeOffset Now)
{
    /// <summary>An input variable.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ProcessTestException">The step does not see such a variable.</exception>
    public JsonElement this[string name] => Variables.TryGetValue(name, out var value) ? value
        : throw new ProcessTestException($"The job of '{ElementId}' has no variable '{name}', only: {string.Join(", ", Variables.Keys.Order(StringComparer.Ordinal))}. Correct its input mapping, or ask for one of these.");

    /// <summary>Ends the job well.</summary>
    /// <param name="variables">Result variables; null means none.</param>
    public TestJobAnswer Completes(object? variables = null) => new TestJobAnswer.Completed(TestJson.Variables(variables), null);

    /// <summary>Fails this attempt; the engine decides about the next.</summary>
    /// <param name="message">One sentence.</param>
    /// <param name="code">Stable code.</param>
    /// <param name="retryable">False ends the retries at once (incident).</param>
    /// <param name="retryAfter">What the other side asked for; null when it did not.</param>
    public TestJobAnswer Fails(string message = "The worker failed.", string code = "test.failed", bool retryable = true, TimeSpan? retryAfter = null) =>
        new TestJobAnswer.Failed(code, message, retryable, retryAfter);

    /// <summary>Raises a BPMN error, to be caught by a boundary event or event sub-process.</summary>
    /// <param name="errorCode">Error code of the drawing.</param>
    /// <param name="variables">Variables handed to what catches it; null means none.</param>
    /// <param name="message">One sentence.</param>
    public TestJobAnswer Throws(string errorCode, object? variables = null, string message = "The worker raised an error.") =>
        new TestJobAnswer.Error(errorCode, message, TestJson.Variables(variables));
}

/// <summary>How a scripted worker answers; made by <see cref="TestJob"/>.</summary>
public abstract record TestJobAnswer
{
    private TestJobAnswer()
    {
    }

    internal sealed record Completed(ImmutableDictionary<string, JsonElement> Variables, InferenceResult? Inference) : TestJobAnswer;

    internal sealed record Failed(string Code, string Message, bool Retryable, TimeSpan? RetryAfter) : TestJobAnswer;

    internal sealed record Error(string Code, string Message, ImmutableDictionary<string, JsonElement> Variables) : TestJobAnswer;
}

/// <summary>A scripted worker: serves one job type, or the jobs of one element.</summary>
public sealed class TestWorker
{
    private readonly Script<Func<TestJob, TestJobAnswer>> _script = new();

    internal TestWorker()
    {
    }

    internal TimeSpan Duration { get; private set; }

    internal bool HasAnswer => !_script.IsEmpty;

    /// <summary>Answers by code. Several answers are given one after the other, attempt by attempt; the last one stays.</summary>
    /// <param name="answer">Gets the job, gives the answer.</param>
    /// <returns>The same worker.</returns>
    public TestWorker Does(Func<TestJob, TestJobAnswer> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _script.Add(answer);
        return this;
    }

    /// <summary>Ends the job well.</summary>
    /// <param name="variables">Result variables; null means none.</param>
    /// <returns>The same worker.</returns>
    public TestWorker Completes(object? variables = null)
    {
        var result = TestJson.Variables(variables);
        return Does(job => job.Completes(result));
    }

    /// <summary>Fails one attempt.</summary>
    /// <param name="message">One sentence.</param>
    /// <param name="retryable">False ends the retries at once (incident).</param>
    /// <returns>The same worker.</returns>
    public TestWorker Fails(string message = "The worker failed.", bool retryable = true) => Does(job => job.Fails(message, retryable: retryable));

    /// <summary>Raises a BPMN error.</summary>
    /// <param name="errorCode">Error code of the drawing.</param>
    /// <param name="variables">Variables handed to what catches it; null means none.</param>
    /// <returns>The same worker.</returns>
    public TestWorker Throws(string errorCode, object? variables = null)
    {
        var result = TestJson.Variables(variables);
        return Does(job => job.Throws(errorCode, result));
    }

    /// <summary>How long after an attempt is due its answer comes.</summary>
    /// <param name="duration">Zero or more; unset means at once.</param>
    /// <returns>The same worker.</returns>
    public TestWorker Takes(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        Duration = duration;
        return this;
    }

    internal TestJobAnswer Answer(TestJob job)
    {
        var answer = _script.Current(job);
        _script.Advance();
        return answer;
    }
}

/// <summary>A scripted model: answers jobs like a worker, with what a policy judges its proposal by.</summary>
public sealed class TestModel
{
    private readonly TestWorker _worker;
    private readonly string _name;
    private string _provider = "countersign";
    private string _version = "test";
    private string? _promptHash;

    internal TestModel(string name, TestWorker worker)
    {
        _name = name;
        _worker = worker;
    }

    /// <summary>Who runs the model; a policy names the provider it accepts.</summary>
    /// <param name="provider">Unset means <c>countersign</c>.</param>
    /// <returns>The same model.</returns>
    public TestModel By(string provider)
    {
        _provider = provider;
        return this;
    }

    /// <summary>Which version answers, with which prompt.</summary>
    /// <param name="version">Unset means <c>test</c>.</param>
    /// <param name="promptHash">Hash of the prompt template; unset means none.</param>
    /// <returns>The same model.</returns>
    public TestModel Version(string version, string? promptHash = null)
    {
        (_version, _promptHash) = (version, promptHash);
        return this;
    }

    /// <summary>Proposes. Several answers are given one after the other; the last one stays.</summary>
    /// <param name="variables">Result variables of the job; the first is taken as the proposal.</param>
    /// <param name="score">Overall raw score 0 to 1; null means that the model gives none.</param>
    /// <param name="fields">Raw scores of fields, e.g. <c>new { gross = 0.98 }</c>; null means none.</param>
    /// <param name="latency">Time of the attempt as the record says it; null means one second. It does not move the clock: see <see cref="TestWorker.Takes"/>.</param>
    /// <param name="cost">Cost of the call in the tenant's currency.</param>
    /// <returns>The same model.</returns>
    public TestModel Answers(object variables, decimal? score = null, object? fields = null, TimeSpan? latency = null, decimal cost = 0)
    {
        var result = TestJson.Variables(variables);
        var proposal = TestJson.Of(variables).EnumerateObject().Select(p => p.Name).FirstOrDefault() ?? throw new ProcessTestException($"The model '{_name}' answers with nothing. Give it at least one variable.");
        var scores = TestJson.Variables(fields).ToImmutableDictionary(f => f.Key, f => f.Value.GetDecimal(), StringComparer.Ordinal);
        _worker.Does(job => new TestJobAnswer.Completed(result, new InferenceResult(_provider, _name, _version, _promptHash, HashOf(job), "test", proposal, score, scores, [], 0, cost,
            latency ?? TimeSpan.FromSeconds(1))));
        return this;
    }

    /// <summary>Fails one attempt.</summary>
    /// <param name="message">One sentence.</param>
    /// <param name="retryable">False ends the retries at once (incident).</param>
    /// <returns>The same model.</returns>
    public TestModel Fails(string message = "The model failed.", bool retryable = true)
    {
        _worker.Fails(message, retryable);
        return this;
    }

    private static string HashOf(TestJob job) => Convert.ToHexStringLower(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(job.Variables.OrderBy(v => v.Key, StringComparer.Ordinal).ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal))));
}
