using System.Collections.Immutable;
using Countersign.Feel.Values;

namespace Countersign.Feel.Dmn;

/// <summary>Why a decision table gave what it gave.</summary>
/// <param name="TableId">The table's id, or that of the decision it belongs to.</param>
/// <param name="DecisionName">The decision or business knowledge model it belongs to.</param>
/// <param name="MatchedRuleIds">The ids of the rules that matched, in the table's order; those without id are <c>rule-1</c> and so on.</param>
/// <param name="Inputs">The input values, by the inputs' labels or expressions.</param>
/// <param name="Outputs">The value of the table.</param>
public sealed record DmnTableTrace(string TableId, string DecisionName, ImmutableArray<string> MatchedRuleIds, ImmutableArray<(string Name, FeelValue Value)> Inputs, FeelValue Outputs);
