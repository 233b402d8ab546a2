using Countersign.Domain.Documents;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Documents;

public sealed class IbanTests
{
    [Theory]
    [InlineData("DE89370400440532013000")]
    [InlineData("GB82 WEST 1234 5698 7654 32")]
    [InlineData("FR14 2004 1010 0505 0001 3M02 606")]
    [InlineData("NO93 8601 1117 947")]
    public void Published_examples_are_valid(string text) => Iban.IsValid(Iban.Normalize(text)).ShouldBeTrue();

    [Theory]
    [InlineData("DE89370400440532013001")]
    [InlineData("DE8937040044053201300")]
    [InlineData("XX89370400440532013000")]
    [InlineData("")]
    [InlineData("DE")]
    [InlineData("IBAN32423940")]
    public void Wrong_digits_lengths_and_countries_are_not(string text) => Iban.IsValid(Iban.Normalize(text)).ShouldBeFalse();

    [Fact]
    public void Every_single_changed_digit_is_noticed()
    {
        Gen.Select(Gen.Int[0, 999_999_999], Gen.Int[0, 999_999_999], Gen.Int[4, 21], Gen.Int[1, 9]).Sample((a, b, at, add) =>
        {
            var good = Iban.WithCheckDigits("DE", $"{a:000000000}{b:000000000}");
            Iban.IsValid(good).ShouldBeTrue();
            var digit = (char)('0' + ((good[at] - '0' + add) % 10));
            Iban.IsValid(good[..at] + digit + good[(at + 1)..]).ShouldBeFalse();
        });
    }
}
