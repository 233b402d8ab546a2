using Countersign.Domain.Trail;
using Countersign.TestKit.Databases;
using Countersign.Workers.Trail;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Trail;

public sealed class SignerTests(PostgresFixture postgres)
{
    private const string Acme = "acmefinance";

    private static readonly string[] Places = ["before leaves", "after leaves", "before second place", "after second place", "after checkpoint"];

    [Fact]
    public async Task Checkpoints_are_signed_when_enough_leaves_are_there_and_each_continues_the_one_before()
    {
        await using var bench = await TrailBench.Create(postgres);
        var notes = new List<Checkpoint>();
        for (var i = 0; i < 10; i++)
        {
            await bench.Append(Acme, "instance/1", 7);
            await bench.Settle();
            await bench.Signer.SignDue(new HashSet<string>(StringComparer.Ordinal), CancellationToken.None);
            if (bench.Place.Latest(Acme) is { } last && (notes.Count == 0 || notes[^1] != last.Checkpoint))
            {
                last.Note.VerifiedBy(bench.Keys.Known("trail.test/" + Acme)).Count.ShouldBe(1);
                notes.Add(last.Checkpoint);
            }
        }
        // 16 leaves are enough here: signed at 21, 42, 63.
        notes.Select(n => n.Size).ShouldBe([21, 42, 63]);
        var reader = new LogReader(bench.Writer);
        foreach (var (a, b) in notes.Zip(notes.Skip(1)))
        {
            var proof = await reader.Consistency(Acme, 1, 70, a.Size, b.Size, CancellationToken.None);
            MerkleProof.VerifyConsistency(a.Size, b.Size, a.Root, b.Root, proof).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Proofs_from_the_tables_hold_across_tiles()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 700);
        await bench.Settle();
        await bench.Sign(Acme);
        var root = bench.Place.Latest(Acme)!.Checkpoint.Root;
        var reader = new LogReader(bench.Writer);
        foreach (var index in new long[] { 0, 1, 255, 256, 511, 512, 600, 699 })
        {
            var leaf = new TreeHash(await bench.Scalar<byte[]>("select hash from cs.trail_leaves where tenant_id = $1 and index = $2", Acme, index));
            MerkleProof.VerifyInclusion(index, 700, leaf, await reader.Inclusion(Acme, 1, 700, index, 700, CancellationToken.None), root).ShouldBeTrue();
            var tree = CompactTree.From(index, [.. await reader.Frontier(Acme, 1, 700, index, CancellationToken.None)])!;
            tree.Root().ShouldBe(index == 0 ? TreeHash.Empty : await reader.Root(Acme, 1, 700, index, CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_kill_between_any_two_steps_loses_nothing_and_contradicts_nothing()
    {
        await using var bench = await TrailBench.Create(postgres);
        var kill = new Kill();
        bench.Faults = kill;
        bench.Start();
        for (var i = 0; i < 15; i++)
        {
            await bench.Append(Acme, $"instance/{i % 3}", 40);
            kill.Next = Places[i % Places.Length];
            await Should.ThrowAsync<KilledException>(async () =>
            {
                await bench.Settle();
                await bench.Sign(Acme);
            });
            kill.Next = null;
            bench.Start();
            await bench.Signer.Start(CancellationToken.None);
            await bench.Settle();
            await bench.Sign(Acme);
            bench.Alarms.Active.ShouldBeEmpty();
            bench.Place.Latest(Acme)!.Checkpoint.Size.ShouldBe(40 * (i + 1));
        }
        (await bench.Leaves(Acme)).Select(l => l.Sequence!.Value).ShouldBe(Enumerable.Range(1, 600).Select(i => (long)i));
        (await bench.Scalar<long>("select count(*) from cs.trail_checkpoints where size % 40 = 0")).ShouldBe(15);
    }

    [Fact]
    public async Task A_restored_database_signs_nothing_until_an_operator_says_so_and_then_goes_on_in_the_next_epoch()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 30);
        await bench.Settle();
        await bench.Sign(Acme);
        await bench.Append(Acme, "instance/1", 20);
        await bench.Settle();
        await bench.Sign(Acme);
        // A restore to a moment between the two checkpoints.
        await bench.Tamper("delete from cs.trail_leaves where index >= 35; delete from cs.mt_events where seq_id > 35; delete from cs.trail_checkpoints where size > 35; update cs.mt_streams set version = 35");
        bench.Start();
        await bench.Append(Acme, "instance/1", 5);
        await bench.Settle();
        await bench.Sign(Acme);
        bench.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.Shortened);
        bench.Place.Latest(Acme)!.Checkpoint.Size.ShouldBe(50);

        bench.Options = bench.Options with { Restore = new RestoreWord("disk lost", "otto") };
        bench.Start();
        await bench.Settle();
        await bench.Sign(Acme);
        var latest = bench.Place.Latest(Acme)!;
        latest.Epoch.ShouldBe(2);
        latest.Checkpoint.Origin.ShouldBe("trail.test/acmefinance/epoch/2");
        latest.Checkpoint.Size.ShouldBe(6);
        (await bench.Leaves(Acme, 2)).Count(l => l.Sequence is null).ShouldBe(1);
        SignedNote.TryParse(await bench.Scalar<string>("select statement from cs.trail_leaves where epoch = 2 and index = 0"), out var note).ShouldBeTrue();
        TrailStatement.TryParse(note!.Text, out var statement).ShouldBeTrue();
        var epoch = (EpochStatement)statement!;
        (epoch.Closed.Size, epoch.Published.Size, epoch.Reason, epoch.Operator).ShouldBe((35, 50, "disk lost", "otto"));
        // And it stays open without the word.
        bench.Options = bench.Options with { Restore = null };
        bench.Start();
        await bench.Append(Acme, "instance/1", 1);
        await bench.Settle();
        await bench.Sign(Acme);
        bench.Place.Latest(Acme)!.Checkpoint.Size.ShouldBe(7);
        bench.Alarms.Active.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_changed_leaf_is_noticed_before_anything_more_is_signed()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 30);
        await bench.Settle();
        await bench.Sign(Acme);
        await bench.Tamper("update cs.trail_leaves set hash = sha256('forged') where index = 12");
        await bench.Append(Acme, "instance/1", 30);
        await bench.Settle();
        await bench.Sign(Acme);
        bench.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.Contradicts);
        bench.Start();
        await bench.Settle();
        await bench.Signer.Start(CancellationToken.None);
        bench.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.Contradicts);
        bench.Place.Latest(Acme)!.Checkpoint.Size.ShouldBe(30);
    }

    [Fact]
    public async Task One_tenant_in_trouble_stops_no_other_and_its_events_come_in_afterwards()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 3);
        await bench.Append("globexoffice", "instance/1", 3);
        await bench.Settle();
        await bench.Sign(Acme, "globexoffice");
        var original = await bench.Scalar<byte[]>("select hash from cs.trail_leaves where tenant_id = $1 and index = 1", Acme);
        await bench.Tamper("update cs.trail_leaves set hash = sha256('forged') where tenant_id = 'acmefinance' and index = 1");
        bench.Start();
        await bench.Append(Acme, "instance/1", 2);
        await bench.Append("globexoffice", "instance/1", 2);
        await bench.Settle();
        await bench.Sign(Acme, "globexoffice");
        bench.Place.Latest(Acme)!.Checkpoint.Size.ShouldBe(3);
        bench.Place.Latest("globexoffice")!.Checkpoint.Size.ShouldBe(5);
        await bench.Tamper($"update cs.trail_leaves set hash = '\\x{Convert.ToHexString(original)}' where tenant_id = 'acmefinance' and index = 1");
        bench.Start();
        await bench.Settle();
        await bench.Sign(Acme);
        bench.Place.Latest(Acme)!.Checkpoint.Size.ShouldBe(5);
    }

    [Fact]
    public async Task A_clone_that_signs_for_the_same_log_is_refused_by_the_second_place()
    {
        await using var one = await TrailBench.Create(postgres);
        await using var two = await TrailBench.Create(postgres);
        await one.Append(Acme, "instance/1", 20);
        await one.Settle();
        two.Options = one.Options;
        two.Start();
        await two.Append(Acme, "instance/other", 20);
        await two.Settle();
        await one.Sign(Acme);
        await two.Sign(Acme);
        two.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.SecondPlaceLost && a.Value.Contains("two services sign", StringComparison.Ordinal));
        (await two.Scalar<long>("select count(*) from cs.trail_checkpoints")).ShouldBe(0);
    }

    [Fact]
    public async Task Without_the_second_place_leaves_go_on_and_nothing_is_signed()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 20);
        await bench.Settle();
        await bench.Sign(Acme);
        foreach (var file in Directory.EnumerateFiles(bench.Options.SecondPlace, "*", SearchOption.AllDirectories))
            File.SetAttributes(file, FileAttributes.Normal);
        Directory.Delete(bench.Options.SecondPlace, recursive: true);
        await File.WriteAllTextAsync(bench.Options.SecondPlace, "not a folder", TestContext.Current.CancellationToken);
        await bench.Append(Acme, "instance/1", 20);
        (await bench.Settle()).ShouldBe(20);
        await bench.Sign(Acme);
        bench.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.SecondPlaceLost);
        (await bench.Scalar<long>("select count(*) from cs.trail_checkpoints")).ShouldBe(1);
        // An empty place is no better: it holds less than was signed.
        File.Delete(bench.Options.SecondPlace);
        bench.Start();
        await bench.Signer.Start(CancellationToken.None);
        bench.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.SecondPlaceLost);
        bench.Signer.IsHeld(Acme).ShouldBeTrue();
    }

    [Fact]
    public async Task A_new_key_takes_over_by_a_statement_that_both_sign()
    {
        await using var bench = await TrailBench.Create(postgres);
        await bench.Append(Acme, "instance/1", 20);
        await bench.Settle();
        await bench.Sign(Acme);
        var before = bench.Keys.Known("trail.test/" + Acme)[0];
        var fresh = $"countersign-trail-key-1 2026-01-02T03:04:05Z {Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32))}\n";
        await File.WriteAllTextAsync(bench.Options.KeyFile, fresh + await File.ReadAllTextAsync(bench.Options.KeyFile, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        bench.Start();
        for (var i = 0; i < 3; i++)
        {
            await bench.Append(Acme, "instance/1", 5);
            await bench.Settle();
            await bench.Sign(Acme);
        }
        (await bench.Leaves(Acme)).Count(l => l.Sequence is null).ShouldBe(1);
        var latest = bench.Place.Latest(Acme)!;
        latest.Note.VerifiedBy([before]).ShouldBeEmpty();
        latest.Note.VerifiedBy([bench.Keys.Signer("trail.test/" + Acme).Key]).Count.ShouldBe(1);
        SignedNote.TryParse(await bench.Scalar<string>("select statement from cs.trail_leaves where statement is not null"), out var note).ShouldBeTrue();
        TrailStatement.TryParse(note!.Text, out var statement).ShouldBeTrue();
        ((KeyStatement)statement!).IsSignedByBoth(note).ShouldBeTrue();
        // A key file that lost its past is noticed.
        await File.WriteAllTextAsync(bench.Options.KeyFile, $"countersign-trail-key-1 2026-01-02T03:04:05Z {Convert.ToBase64String(new byte[32])}\n", TestContext.Current.CancellationToken);
        bench.Start();
        await bench.Signer.Start(CancellationToken.None);
        bench.Alarms.Active.ShouldContain(a => a.Key.Alarm == TrailAlarm.KeyLost);
    }

    [Fact]
    public async Task The_key_file_is_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File modes are a Unix thing.");
        await using var bench = await TrailBench.Create(postgres);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(bench.Options.KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(bench.Options.KeyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Should.Throw<Countersign.Projections.Databases.StartUpException>(() => FileTrailKeys.Open(bench.Options.KeyFile, TimeProvider.System)).Message.ShouldContain("chmod 600");
        }
    }

    [Fact]
    public async Task The_service_is_woken_by_the_event_store_and_follows_within_a_second()
    {
        await using var bench = await TrailBench.Create(postgres);
        using var service = bench.Service();
        await service.StartAsync(TestContext.Current.CancellationToken);
        using var second = bench.Service();
        await second.StartAsync(TestContext.Current.CancellationToken);
        await Until(() => Task.FromResult(service.IsLeading || second.IsLeading));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await bench.Append(Acme, "instance/1", 20);
        await bench.Tamper($"notify {TrailService.Appended}");
        await Until(async () => (await bench.Leaves(Acme)).Count == 20);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (service.IsLeading && second.IsLeading).ShouldBeFalse();
        await bench.Append(Acme, "instance/1", 1);
        await bench.Tamper($"notify {TrailService.Wanted}, '{Acme}'");
        await Until(() => Task.FromResult(bench.Place.Latest(Acme)?.Checkpoint.Size == 21));
        await service.StopAsync(TestContext.Current.CancellationToken);
        await bench.Append(Acme, "instance/1", 1);
        await Until(async () => (await bench.Leaves(Acme)).Count == 22);
        await second.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
            await timer.WaitForNextTickAsync(limit.Token);
    }

    private sealed class KilledException(string place) : Exception(place);

    private sealed class Kill : TrailFaults
    {
        public string? Next { get; set; }

        public override Task At(string place) => place == Next ? throw new KilledException(place) : Task.CompletedTask;
    }
}
