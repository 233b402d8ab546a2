using Countersign.Domain.Exports;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Exports;

public sealed class ExportDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly Actor Tess = new("tess", ActorKind.Person, [Role.Auditor], []);
    private static readonly RequestExport Asked = new(new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]), Now.AddDays(-30), Now, "audit", null, null, 0, Tess);

    [Fact]
    public void A_request_is_a_fact_once()
    {
        var fact = Facts(ExportDecider.Decide(null, Asked, Now)).ShouldHaveSingleItem().ShouldBeOfType<ExportRequested>();
        (fact.By, fact.Purpose, fact.ExportId).ShouldBe(("tess", "audit", Asked.ExportId));
        ExportDecider.Decide(After(fact), Asked, Now).ShouldBe(Outcome.Nothing);
    }

    [Fact]
    public void A_period_that_is_none_a_missing_purpose_and_too_many_are_refused()
    {
        Code(ExportDecider.Decide(null, Asked with { Before = Asked.From }, Now)).ShouldBe("export.period_invalid");
        Code(ExportDecider.Decide(null, Asked with { Purpose = " " }, Now)).ShouldBe("export.purpose_missing");
        Code(ExportDecider.Decide(null, Asked with { Purpose = new string('x', 501) }, Now)).ShouldBe("export.purpose_missing");
        Code(ExportDecider.Decide(null, Asked with { Open = ExportDecider.MostOpen }, Now)).ShouldBe("export.too_many");
        ExportDecider.Decide(null, Asked with { Open = ExportDecider.MostOpen - 1 }, Now).ShouldBeOfType<Outcome.Facts>();
    }

    [Fact]
    public void What_an_attempt_brings_after_a_newer_one_began_adds_nothing()
    {
        var state = After(Requested, new ExportBegun(1, Now), new ExportBegun(2, Now));
        ExportDecider.Decide(state, new BeginExport(2), Now).ShouldBe(Outcome.Nothing);
        ExportDecider.Decide(state, new BeginExport(1), Now).ShouldBe(Outcome.Nothing);
        ExportDecider.Decide(state, new CompleteExport(1, 5, "aa", 3, TimeSpan.FromDays(30)), Now).ShouldBe(Outcome.Nothing);
        ExportDecider.Decide(state, new FailExport(1, "lost"), Now).ShouldBe(Outcome.Nothing);
        var done = Facts(ExportDecider.Decide(state, new CompleteExport(2, 5, "aa", 3, TimeSpan.FromDays(30)), Now)).ShouldHaveSingleItem().ShouldBeOfType<ExportCompleted>();
        done.KeptUntil.ShouldBe(Now.AddDays(30));
        ExportDecider.Decide(ExportState.Evolve(state, done), new CompleteExport(2, 5, "aa", 3, TimeSpan.FromDays(30)), Now).ShouldBe(Outcome.Nothing);
        ExportDecider.Decide(ExportState.Evolve(state, done), new BeginExport(3), Now).ShouldBe(Outcome.Nothing);
    }

    [Fact]
    public void Every_download_is_recorded_and_a_resumed_one_once()
    {
        var ready = After(Requested, new ExportBegun(1, Now), Completed);
        var fetched = Facts(ExportDecider.Decide(ready, new DownloadExport(Tess), Now)).ShouldHaveSingleItem().ShouldBeOfType<ExportDownloaded>();
        var after = ExportState.Evolve(ready, fetched);
        ExportDecider.Decide(after, new DownloadExport(Tess), Now.AddMinutes(9)).ShouldBe(Outcome.Nothing);
        ExportDecider.Decide(after, new DownloadExport(Tess with { Id = "dora" }), Now.AddMinutes(9)).ShouldBeOfType<Outcome.Facts>();
        ExportDecider.Decide(after, new DownloadExport(Tess), Now.AddMinutes(10)).ShouldBeOfType<Outcome.Facts>();
    }

    [Fact]
    public void A_file_that_is_not_there_is_not_given_and_the_refusal_says_why()
    {
        Code(ExportDecider.Decide(null, new DownloadExport(Tess), Now)).ShouldBe("export.not_found");
        Code(ExportDecider.Decide(After(Requested), new DownloadExport(Tess), Now)).ShouldBe("export.not_ready");
        var failed = ExportDecider.Decide(After(Requested, new ExportBegun(1, Now), new ExportFailed(1, "the log is held", Now)), new DownloadExport(Tess), Now);
        failed.ShouldBeOfType<Outcome.Refused>().Refusal.Detail.ShouldContain("the log is held");
        var ready = After(Requested, new ExportBegun(1, Now), Completed);
        Code(ExportDecider.Decide(ready, new DownloadExport(Tess), Completed.KeptUntil)).ShouldBe("export.expired");
        Code(ExportDecider.Decide(ExportState.Evolve(ready, new ExportExpired(Now)), new DownloadExport(Tess), Now)).ShouldBe("export.expired");
    }

    [Fact]
    public void A_file_is_removed_when_its_time_is_over_and_not_before_and_once()
    {
        var ready = After(Requested, new ExportBegun(1, Now), Completed);
        ExportDecider.Decide(ready, new ExpireExport(), Completed.KeptUntil.AddSeconds(-1)).ShouldBe(Outcome.Nothing);
        var expired = Facts(ExportDecider.Decide(ready, new ExpireExport(), Completed.KeptUntil)).ShouldHaveSingleItem().ShouldBeOfType<ExportExpired>();
        ExportDecider.Decide(ExportState.Evolve(ready, expired), new ExpireExport(), Completed.KeptUntil).ShouldBe(Outcome.Nothing);
    }

    private static ExportRequested Requested { get; } = new(Asked.ExportId, Asked.From, Asked.Before, "audit", null, null, "tess", Now);

    private static ExportCompleted Completed { get; } = new(1, 5, "aa", 3, Now.AddDays(30), Now);

    private static ExportState? After(params IExportEvent[] facts) => facts.Aggregate((ExportState?)null, ExportState.Evolve);

    private static IEnumerable<object> Facts(Outcome outcome) => outcome.ShouldBeOfType<Outcome.Facts>().Events;

    private static string Code(Outcome outcome) => outcome.ShouldBeOfType<Outcome.Refused>().Refusal.Code;
}
