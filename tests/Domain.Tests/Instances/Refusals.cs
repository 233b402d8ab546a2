using Shouldly;

namespace Countersign.Domain.Tests.Instances;

internal static class Refusals
{
    public static (RefusalKind Kind, string Code) Of(Outcome outcome)
    {
        var refusal = outcome.ShouldBeOfType<Outcome.Refused>().Refusal;
        refusal.Detail.ShouldEndWith(".");
        return (refusal.Kind, refusal.Code);
    }
}
