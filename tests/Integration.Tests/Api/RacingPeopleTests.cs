using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Client.Tasks;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>G25: two people at the same task at the same moment.</summary>
public sealed class RacingPeopleTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_who_take_and_sign_at_once_one_does_and_the_other_is_told()
    {
        await service.Start(Cancel);
        CountersignClient[] people = [service.Act("ben"), service.Act("cleo")];
        for (var round = 0; round < 10; round++)
        {
            var instance = await service.Act("ana").Instances.StartAsync(new StartInstanceRequest("approval"), cancellationToken: Cancel);
            var task = await TaskOf(people[0], instance.Id);
            var outcomes = await Task.WhenAll(people.Select(p => TakeAndSign(p, task)));
            outcomes.Count(o => o is null).ShouldBe(1, string.Join(", ", outcomes));
            outcomes.Single(o => o is not null).ShouldBeOneOf(403, 404, 409);
            var history = await people[0].Instances.GetHistoryAsync(instance.Id, Cancel).ToListAsync(Cancel);
            history.Count(h => h.Type == "task.completed").ShouldBe(1);
        }
    }

    private static async Task<int?> TakeAndSign(CountersignClient person, string task)
    {
        try
        {
            await person.Tasks.ClaimAsync(task, cancellationToken: Cancel);
            // Signed twice, as by two clicks with a key each: the second adds nothing.
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => person.Tasks.CompleteAsync(task, new CompleteTaskRequest("complete"), cancellationToken: Cancel)));
            return null;
        }
        catch (CountersignProblemException e)
        {
            return e.Problem.Status;
        }
    }

    private static async Task<string> TaskOf(CountersignClient person, Guid instance)
    {
        string? cursor = null;
        do
        {
            var page = await person.Tasks.ListPageAsync(new TaskFilter(), 100, cursor, Cancel);
            if (page.Items.FirstOrDefault(t => t.InstanceId == instance) is { } found)
                return found.Id;
            cursor = page.Next;
        }
        while (cursor is not null);
        throw new InvalidOperationException("The task of a started instance is in the list at once.");
    }
}
