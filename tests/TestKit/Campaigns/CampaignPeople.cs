using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Countersign.Client;
using Countersign.Client.Tasks;

namespace Countersign.TestKit.Campaigns;

/// <summary>The people who answer what the policy sends to them: mostly they approve, some they reject, some they correct once.</summary>
internal sealed class CampaignPeople(int seed)
{
    private readonly ConcurrentDictionary<Guid, byte> _corrected = new();
    private int _answered;

    /// <summary>Tasks answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>One person works until told to stop.</summary>
    public async Task Work(PatientCaller person, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var some = false;
                foreach (var task in await person.Insist(List, stop))
                    some |= await Answer(person, task, stop);
                if (!some)
                    await Task.Delay(250, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The day is over.
        }
    }

    private static async Task<List<TaskListItem>> List(CountersignClient client, CancellationToken cancellation)
    {
        var open = new List<TaskListItem>();
        await foreach (var task in client.Tasks.ListAsync(new TaskFilter(Process: "invoice"), cancellation))
        {
            if (task.Barred is null)
                open.Add(task);
        }

        return open;
    }

    private async Task<bool> Answer(PatientCaller person, TaskListItem task, CancellationToken cancellation)
    {
        try
        {
            var view = await person.Insist((c, t) => c.Tasks.GetAsync(task.Id, t), cancellation);
            await person.Insist((c, t) => c.Tasks.ClaimAsync(task.Id, Key(person, task, "claim"), t), cancellation);
            var answer = Verdict(view);
            await person.Insist((c, t) => c.Tasks.CompleteAsync(task.Id, answer, Key(person, task, "complete"), t), cancellation);
            Interlocked.Increment(ref _answered);
            return true;
        }
        catch (CountersignProblemException e) when (e.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.Forbidden)
        {
            // A colleague was faster.
            return false;
        }
    }

    private CompleteTaskRequest Verdict(TaskView task)
    {
        // The same instance gets the same verdict in every run of a seed, whoever answers and however often it is asked.
        var roll = BitConverter.ToUInt16(System.Security.Cryptography.SHA256.HashData(task.InstanceId.ToByteArray().Concat(BitConverter.GetBytes(seed)).ToArray())) % 10;
        if (roll == 1)
            return new CompleteTaskRequest("reject", "Not ordered by us.", ShownDigest: task.ShownDigest);
        // Once only: each correction bars its author from countersigning, and there are two approvers.
        if (roll == 2 && task.ElementId == "review" && task.Fields.FirstOrDefault(f => f.Name == "number")?.Value is { ValueKind: JsonValueKind.String } number && _corrected.TryAdd(task.InstanceId, 0))
        {
            var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["number"] = number };
            return new CompleteTaskRequest("correct", "Read from the page.", Variables: fields, ShownDigest: task.ShownDigest);
        }

        return new CompleteTaskRequest("approve", ShownDigest: task.ShownDigest);
    }

    private CallOptions Key(PatientCaller person, TaskListItem task, string act) => new($"campaign-{seed}-{person.Login}-{task.Id}-{act}");
}
