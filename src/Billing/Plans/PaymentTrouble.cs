namespace Countersign.Billing.Plans;

/// <summary>How far a trouble with payment has come.</summary>
public enum PaymentStanding
{
    /// <summary>The payment is overdue; nothing is limited yet.</summary>
    Overdue,

    /// <summary>The time of grace is over: new starts have the limit of what goes without payment.</summary>
    Limited,

    /// <summary>The subscription was ended: the default plan is in force.</summary>
    Ended,
}

/// <summary>What is wrong with the payment of the plan that was chosen.</summary>
/// <param name="Standing">How far it has come.</param>
/// <param name="Plan">The plan that was chosen.</param>
/// <param name="Since">When it was learned (UTC).</param>
/// <param name="LimitedFrom">From when it limits new starts (UTC).</param>
public sealed record PaymentTrouble(PaymentStanding Standing, Plan Plan, DateTimeOffset Since, DateTimeOffset LimitedFrom)
{
    /// <summary>What to do, in one or two sentences.</summary>
    public string Remedy => Standing switch
    {
        PaymentStanding.Overdue =>
            $"The payment of the plan '{Plan.Name}' is overdue. Pay the open invoice that Stripe sent, or give Stripe another means of payment, before {LimitedFrom:yyyy-MM-dd HH:mm} (UTC); from then on new cases are limited.",
        PaymentStanding.Limited =>
            $"The payment of the plan '{Plan.Name}' is overdue since {Since:yyyy-MM-dd}, so new cases are limited. Pay the open invoice that Stripe sent, or give Stripe another means of payment; the limit goes within minutes.",
        _ =>
            $"The subscription of the plan '{Plan.Name}' was ended, known since {Since:yyyy-MM-dd}. Pay what is open, then let an administrator choose a plan under Usage; until then the default plan holds.",
    };
}
