using Countersign.Feel.Dmn;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;

namespace Countersign.Feel.Checks;

/// <summary>
/// Gaps, overlaps and rules that never decide. Exact for cells of a readable shape (<see cref="CellShape"/>); a cell that is not readable is
/// taken to match and not to match, whichever finds less. Missing values (null) make no gap.
/// </summary>
internal sealed class TableCheck
{
    private const int MostLooks = 20_000;
    private const int MostFindings = 5;

    private readonly DecisionTable _table;
    private readonly TableColumn[] _columns;

    // From which column on a rule has nothing but '-'.
    private readonly int[] _anyFrom;
    private int _looks;

    private TableCheck(FeelRun run, DecisionTable table, FeelType[] types)
    {
        _table = table;
        _columns = [.. table.Inputs.Select((input, i) => TableColumn.Cut(run, input, types[i], Array.ConvertAll(table.Rules, r => r.Tests[i])))];
        _anyFrom = Array.ConvertAll(table.Rules, rule => Array.FindLastIndex(rule.Tests, t => t is not AnyTest) + 1);
    }

    /// <summary>Looks at a table.</summary>
    /// <param name="types">The types of the inputs.</param>
    /// <param name="report">Takes what is found: the rule of the table (null for the whole), the id of the finding, the sentence and the remedy.</param>
    public static void Run(DecisionTable table, FeelType[] types, Action<TableRule?, string, string, string> report)
    {
        var run = FeelRun.Rent(FeelOptions.Default);
        try
        {
            var check = new TableCheck(run, table, types);
            check.Overlaps(report);
            check.Unreachable(report);
            check.Gaps(report);
        }
        catch (FeelStop)
        {
            report(null, "table.not-checked", "The table is too large to be checked for gaps and overlaps.", "Split it into several tables.");
        }
        finally
        {
            run.Return();
        }
    }

    private void Overlaps(Action<TableRule?, string, string, string> report)
    {
        if (_table.Policy is not (HitPolicy.Unique or HitPolicy.Any))
            return;
        var found = 0;
        for (var i = 0; i < _table.Rules.Length && found < MostFindings; i++)
        {
            for (var j = i + 1; j < _table.Rules.Length && found < MostFindings; j++)
            {
                if (Common(i, j) is not { } pieces || (_table.Policy == HitPolicy.Any && !HaveDifferentResults(i, j)))
                    continue;
                found++;
                var (a, b) = (_table.Rules[i], _table.Rules[j]);
                var consequence = _table.Policy == HitPolicy.Unique ? "only one rule may match, so the table gives null then" : "they have different results, so the table gives null then";
                report(b, "table.overlap", $"The rules '{a.Id}' and '{b.Id}' both match{When(pieces)}, but {consequence}.", "Make the rules exclude each other, or choose another hit policy.");
            }
        }
    }

    // For each column the pieces where both rules certainly match; null when there is a column without.
    private List<int>[]? Common(int first, int second)
    {
        var common = new List<int>[_columns.Length];
        for (var c = 0; c < common.Length; c++)
        {
            Look();
            common[c] = [.. Enumerable.Range(0, _columns[c].Pieces.Count).Where(p => _columns[c].Pieces[p].Sure.Contains(first) && _columns[c].Pieces[p].Sure.Contains(second))];
            if (common[c].Count == 0)
                return null;
        }
        return common;
    }

    private bool HaveDifferentResults(int first, int second)
        => _table.Rules[first].Results.Zip(_table.Rules[second].Results).Any(pair => pair.First.Constant is { } a && pair.Second.Constant is { } b && !a.Equals(b));

    private void Unreachable(Action<TableRule?, string, string, string> report)
    {
        for (var rule = 0; rule < _table.Rules.Length; rule++)
        {
            var at = _table.Rules[rule];
            if (Array.FindIndex(_columns, c => !c.Pieces.Any(p => p.Possible.Contains(rule))) is >= 0 and var never)
            {
                report(at, "table.never-matches", $"The rule '{at.Id}' never matches: no value of '{_columns[never].Label}' passes its test.", "Correct the test, or remove the rule.");
                continue;
            }
            // A last rule of nothing but '-' is a belt worn with braces, not a mistake.
            if (rule == _table.Rules.Length - 1 && _anyFrom[rule] == 0)
                continue;
            var stronger = RuleSet.Of(_table.Rules.Length, other => IsStronger(other, rule));
            if (!stronger.IsEmpty && IsCovered(0, rule, stronger, []))
                report(at, "table.unreachable", $"The rule '{at.Id}' never decides: other rules answer first whenever it matches.", "Move it up, make the other rules narrower, or remove it.");
        }
    }

    // Which rules go before another when both match.
    private bool IsStronger(int other, int rule) => _table.Policy switch
    {
        HitPolicy.First => other < rule,
        HitPolicy.Priority => _table.ConstantRank(other) is { } a && _table.ConstantRank(rule) is { } b && a.AsSpan().SequenceCompareTo(b) < 0,
        _ => false,
    };

    private bool IsCovered(int column, int rule, RuleSet stronger, HashSet<(int Column, RuleSet Rules)> known)
    {
        Look();
        if (Enumerable.Range(0, _anyFrom.Length).Any(r => _anyFrom[r] <= column && stronger.Contains(r)))
            return true;
        if (column == _columns.Length)
            return !stronger.IsEmpty;
        foreach (var piece in _columns[column].Pieces.Where(p => p.Possible.Contains(rule)))
        {
            var left = stronger.And(piece.Sure);
            if (left.IsEmpty)
                return false;
            if (known.Contains((column, left)))
                continue;
            if (!IsCovered(column + 1, rule, left, known))
                return false;
            known.Add((column, left));
        }
        return true;
    }

    private void Gaps(Action<TableRule?, string, string, string> report)
    {
        if (_table.HasDefault || _table.AcceptsNoMatch || _table.Rules.Length == 0)
            return;
        var gaps = new List<List<int>[]>();
        FindGaps(0, RuleSet.Of(_table.Rules.Length, _ => true), new List<int>[_columns.Length], gaps, []);
        foreach (var gap in gaps)
            report(null, "table.gap", $"No rule matches{When(gap)}: the table gives null then.", "Add a rule for this case, or a default output.");
    }

    private void FindGaps(int column, RuleSet rules, List<int>[] path, List<List<int>[]> gaps, HashSet<(int Column, RuleSet Rules)> known)
    {
        Look();
        if (gaps.Count >= MostFindings)
            return;
        if (rules.IsEmpty)
        {
            gaps.Add([.. path.Take(column)]);
            return;
        }
        if (column == _columns.Length || Enumerable.Range(0, _anyFrom.Length).Any(r => _anyFrom[r] <= column && rules.Contains(r)) || !known.Add((column, rules)))
            return;
        var pieces = _columns[column].Pieces;
        foreach (var group in Enumerable.Range(0, pieces.Count).Where(p => !pieces[p].IsNull).GroupBy(p => rules.And(pieces[p].Possible)))
        {
            path[column] = [.. group];
            FindGaps(column + 1, group.Key, path, gaps, known);
        }
    }

    private string When(List<int>[] pieces)
    {
        var parts = pieces.Select((chosen, c) => _columns[c].Describe(chosen)).Where(text => text.Length > 0).ToList();
        return parts.Count == 0 ? "" : $" when {string.Join(" and ", parts)}";
    }

    private void Look()
    {
        if (++_looks > MostLooks)
            throw new FeelStop(new FeelFailure(FeelFailureReason.Steps, "The table is too large."));
    }
}
