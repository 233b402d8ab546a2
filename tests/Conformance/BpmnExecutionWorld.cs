using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Conformance;

/// <summary>
/// A small world for the instances of one file, on a simulated clock: jobs are done as the script words say, letters between instances are delivered at
/// once, messages wait for somebody who wants them.
/// </summary>
internal sealed class BpmnExecutionWorld(IReadOnlyDictionary<string, ProcessGraph> graphs)
{
    private const string Tenant = "conformance";
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly Dictionary<Guid, (ProcessGraph Graph, InstanceState? State)> _instances = [];
    private readonly Dictionary<string, DateTimeOffset> _finished = new(StringComparer.Ordinal);
    private readonly List<ThrownOutside> _undelivered = [];
    private readonly List<string> _trace = [];
    private DateTimeOffset _now = Start;
    private int _last;

    /// <summary>Runs one test case; answers the trace, sorted.</summary>
    public string Run(string process, JsonElement test)
    {
        var variables = test.GetProperty("variables").EnumerateObject().ToImmutableDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
        if (test.TryGetProperty("start_parallel_process", out var other))
            Begin(other.GetString()!, variables, null);
        Begin(process, variables, null);
        while (Next() is { } next && next.At <= Start + Longest)
        {
            _now = next.At > _now ? next.At : _now;
            Do(next.Command);
        }

        return string.Join(' ', _trace.Order(StringComparer.Ordinal));
    }

    private Guid Begin(string process, ImmutableDictionary<string, JsonElement> variables, string? startElement, CallLink? parent = null, Guid? id = null)
    {
        var instance = id ?? new Guid(++_last, 0, 0x7000, [0x80, 0, 0, 0, 0, 0, 0, 0]);
        _instances.Add(instance, (graphs[process], null));
        Do(new StartInstance(Tenant, instance, Actor.System, process + ":1", variables, null, startElement, parent));
        return instance;
    }

    private (DateTimeOffset At, InstanceCommand Command)? Next()
    {
        var open = _instances.Where(i => i.Value.State is { HasEnded: false }).Select(i => (Id: i.Key, State: i.Value.State!)).ToList();
        foreach (var (instance, id, job) in open.SelectMany(o => o.State.Jobs.Where(j => !j.Value.Failed).Select(j => (o.Id, j.Key, j.Value))).ToList())
        {
            if (_finished.TryAdd(id, _now + (job.Type == "WAIT_TEN_SECONDS" ? TimeSpan.FromSeconds(10) : TimeSpan.Zero)))
                Work(instance, id, job);
        }

        var jobs = open.SelectMany(o => o.State.Jobs.Where(j => !j.Value.Failed).Select(j => (At: _finished[j.Key], Command: Done(o.Id, o.State, j.Key, j.Value))));
        var timers = open.SelectMany(o => o.State.Timers.Select(t => (At: t.Value.DueAt, Command: (InstanceCommand)new FireTimer(Tenant, o.Id, Actor.System, t.Key))));
        return jobs.Concat(timers).OrderBy(c => c.At).Select(c => ((DateTimeOffset, InstanceCommand)?)c).FirstOrDefault();
    }

    /// <summary>What a script word leaves in the trace when its work begins.</summary>
    private void Work(Guid instance, string id, JobState job)
    {
        var state = _instances[instance].State!;
        if (job.Type.StartsWith("SCRIPT_", StringComparison.Ordinal))
            _trace.Add(job.Type);
        else if (job.Type == "INCREMENT_INTEGER_VARIABLE_AND_LOG")
            _trace.Add("INCREMENT_correct");
        else if (job.Type == "CREATE_MARKER_FILE" && state.Parent is null)
            _trace.Add("MARKER_exists");
        else if (job.Type == "LOG_DATA" && job.Variables.Values.Any(v => v.ValueKind == JsonValueKind.String && v.GetString() == "String"))
            _trace.Add("DATA_correct");
        else if (job.Type == "CREATE_TIMESTAMP_LOG_2" && state.Jobs.Any(j => j.Key != id && j.Value.Type == "CREATE_TIMESTAMP_LOG_1"))
            _trace.Add("EXECUTION_parallel");
    }

    private InstanceCommand Done(Guid instance, InstanceState state, string id, JobState job)
    {
        if (job.Type == "THROW_ERROR")
            return new ThrowJobError(Tenant, instance, Actor.System, id, job.Attempt, "ERR_CODE", "The script throws.", ImmutableDictionary<string, JsonElement>.Empty);
        var result = ImmutableDictionary<string, JsonElement>.Empty;
        if (job.Type.StartsWith("INCREMENT_", StringComparison.Ordinal))
            result = result.Add("integerVariable", JsonSerializer.SerializeToElement(state.Variables[InstanceState.RootScope]["integerVariable"].GetInt32() + 1));
        // The script writes the one data output that its task has, whatever it is called.
        if (job.Type == "SET_STRING_DATA")
            result = result.Add("Data_Output_Set", JsonSerializer.SerializeToElement("String"));
        return new CompleteJob(Tenant, instance, Actor.System, id, job.Attempt, result);
    }

    private void Do(InstanceCommand command)
    {
        if (!_instances.TryGetValue(command.InstanceId, out var known) || Engine.Decide(known.Graph, known.State, command, DecideContext.Empty, _now) is not Outcome.Facts facts)
            return;
        var (graph, state) = known;
        foreach (var fact in facts.Events.Cast<IInstanceEvent>())
        {
            state = InstanceState.Evolve(state, fact);
            if (fact is IncidentRaised { Code: "error.not_caught" })
                _trace.Add("ERROR_thrownErrorEvent");
            else if (fact is IncidentRaised { Code: not "gateway.deadlock" })
                _trace.Add("ERROR");
        }

        _instances[command.InstanceId] = (graph, state);
        foreach (var letter in InstanceMail.Of(Tenant, facts.Events.Cast<IInstanceEvent>(), state!))
            Deliver(letter);
        foreach (var message in _undelivered.ToList())
            Correlate(message);
    }

    private void Deliver(object letter)
    {
        switch (letter)
        {
            case CancelInstance cancel:
                Do(cancel);
                break;
            case CallReady ready:
                var call = _instances[ready.InstanceId].State!.Calls[ready.CallId];
                Begin(call.ProcessKey, call.Variables, null, new CallLink(ready.InstanceId, ready.CallId), call.ChildId);
                break;
            case CallNews news:
                Do(new ReportCall(Tenant, news.Parent.InstanceId, Actor.System, news.Parent.CallId, news.Report, news.ReportId, news.Code, news.Message, ImmutableDictionary<string, JsonElement>.Empty));
                break;
            case ThrownOutside { Kind: ThrownKind.Signal } signal:
                foreach (var (id, subscription) in Waiting(SubscriptionKind.Signal, signal.Name, "").Where(w => w.Instance != signal.InstanceId).ToList())
                    Do(new CorrelateMessage(Tenant, id, Actor.System, subscription, signal.ThrowId, ImmutableDictionary<string, JsonElement>.Empty));
                break;
            case ThrownOutside message:
                _undelivered.Add(message);
                break;
        }
    }

    private void Correlate(ThrownOutside message)
    {
        var waiting = Waiting(SubscriptionKind.Message, message.Name, message.CorrelationKey).FirstOrDefault();
        var start = graphs.Values.SelectMany(g => g.Triggers.Select(t => (g.Key, Trigger: t))).FirstOrDefault(t => t.Trigger.MessageName == message.Name);
        if (waiting.Subscription is null && start.Trigger is null)
            return;
        _undelivered.Remove(message);
        if (waiting.Subscription is not null)
            Do(new CorrelateMessage(Tenant, waiting.Instance, Actor.System, waiting.Subscription, message.ThrowId, ImmutableDictionary<string, JsonElement>.Empty));
        else
            Begin(start.Key, ImmutableDictionary<string, JsonElement>.Empty, start.Trigger.Id);
    }

    private IEnumerable<(Guid Instance, string Subscription)> Waiting(SubscriptionKind kind, string name, string key) => _instances.Where(i => i.Value.State is { HasEnded: false })
        .SelectMany(i => i.Value.State!.Subscriptions.Where(s => s.Value.Kind == kind && s.Value.MessageName == name && s.Value.CorrelationKey == key).Select(s => (i.Key, s.Key)));
}
