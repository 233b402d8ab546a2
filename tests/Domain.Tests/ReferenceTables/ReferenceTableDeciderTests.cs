using System.Collections.Immutable;
using Countersign.Domain.ReferenceTables;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.ReferenceTables;

public sealed class ReferenceTableDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly Actor Designer = new("member-1", ActorKind.Person, ["designer"], []);

    [Fact]
    public void The_first_rows_become_version_one()
    {
        var published = Facts(ReferenceTableDecider.Decide(null, Command(Row("v-1"), Row("v-2")), Now)).Single().ShouldBeOfType<ReferenceTablePublished>();
        published.Version.ShouldBe(1);
        published.Rows.ShouldBe(2);
        published.By.ShouldBe("member-1");
    }

    [Fact]
    public void The_same_rows_twice_add_nothing_and_other_rows_become_the_next_version()
    {
        var state = After(Command(Row("v-1")));
        ReferenceTableDecider.Decide(state, Command(Row("v-1")), Now).ShouldBe(Outcome.Nothing);
        Facts(ReferenceTableDecider.Decide(state, Command(Row("v-2")), Now)).Single().ShouldBeOfType<ReferenceTablePublished>().Version.ShouldBe(2);
    }

    [Theory]
    [InlineData("Vendors", "reference_table.name_invalid")]
    [InlineData("", "reference_table.name_invalid")]
    [InlineData("a b", "reference_table.name_invalid")]
    public void A_name_outside_the_pattern_is_refused(string name, string code) =>
        Code(ReferenceTableDecider.Decide(null, Command(Row("v-1")) with { Name = name }, Now)).ShouldBe(code);

    [Fact]
    public void A_row_without_its_key_is_named_by_number() =>
        Refusal(ReferenceTableDecider.Decide(null, Command(Row("v-1"), Row("")), Now)).Detail.ShouldContain("Row 2");

    [Fact]
    public void A_repeated_key_is_refused() =>
        Code(ReferenceTableDecider.Decide(null, Command(Row("v-1"), Row("v-1")), Now)).ShouldBe("reference_table.key_repeated");

    [Fact]
    public void A_table_without_rows_is_refused() => Code(ReferenceTableDecider.Decide(null, Command(), Now)).ShouldBe("reference_table.empty");

    [Fact]
    public void A_ragged_row_is_named_by_number() =>
        Refusal(ReferenceTableDecider.Decide(null, Command(Row("v-1"), ["v-2"]), Now)).Detail.ShouldContain("Row 2 has 1 cells");

    [Fact]
    public void Moving_text_between_cells_gives_another_version() =>
        ReferenceTableDecider.Decide(After(Command(["ab", "c"])), Command(["a", "bc"]), Now).ShouldBeOfType<Outcome.Facts>();

    [Fact]
    public void Two_columns_can_be_the_key()
    {
        var command = Command(["v-1", "a"], ["v-1", "b"]) with { Key = ["id", "name"] };
        Facts(ReferenceTableDecider.Decide(null, command, Now)).Single().ShouldBeOfType<ReferenceTablePublished>().Key.ShouldBe(["id", "name"]);
    }

    private static PublishReferenceTable Command(params ImmutableArray<string?>[] rows) => new("vendors", ["id", "name"], [.. rows], [], Designer);

    private static ImmutableArray<string?> Row(string id) => [id, "Vendor"];

    private static ReferenceTableState After(PublishReferenceTable command) =>
        Facts(ReferenceTableDecider.Decide(null, command, Now)).Cast<IReferenceTableEvent>().Aggregate((ReferenceTableState?)null, ReferenceTableState.Evolve)!;

    private static ImmutableArray<object> Facts(Outcome outcome) => outcome.ShouldBeOfType<Outcome.Facts>().Events;

    private static Refusal Refusal(Outcome outcome) => outcome.ShouldBeOfType<Outcome.Refused>().Refusal;

    private static string Code(Outcome outcome) => Refusal(outcome).Code;
}
