using System.Text.RegularExpressions;
using Countersign.Domain.Processes;

namespace Countersign.Conformance;

/// <summary>
/// Invalid BPMN models, each named after the constraint that it breaks. A file counts only when a finding carries a rule of that constraint on the element at fault.
/// Then the same rules run over valid models beside the folder, where none may raise an error.
/// </summary>
internal static partial class BpmnMustRejectSuite
{
    /// <summary>The element at fault in each file: what the constraint speaks of, or the nearest element around it that a diagram shows.</summary>
    private const string Faults = """
        EXT006_1=_8 EXT006_2=_4 EXT006_3=_4 EXT008_1=_6 EXT008_2=_6 EXT008_3=_6 EXT009_1=_6 EXT009_2=_6 EXT009_3=_6 EXT010_1=_2 EXT014_1=_6 EXT017_1=_3 EXT019_1=_7 EXT019_2=_7
        EXT020_1=Din_3_7 EXT020_2=Din_3_7 EXT020_3=DO_PROCESS_1_1 EXT020_4=Dout_3_7 EXT026_1=_9 EXT026_2=_9 EXT027_1=_1 EXT027_2=globConv EXT028_1=_8 EXT029_1=_3 EXT032_1=COLLABORATION_1 EXT033_1=COLLABORATION_1
        EXT035_1=PROCESS_1 EXT036_1=_3_CT EXT036_2=_3_CT EXT036_3=_3_SC EXT037_1=_3 EXT039_1=_3_RES_1 EXT041_1=_3 EXT042_1=_3 EXT043_1=_3 EXT044_1=_3 EXT044_2=_3 EXT049_1=_2 EXT051_1=_3 EXT053_1=_3
        EXT058_1=_5 EXT058_2=_5 EXT059_1=_9 EXT059_2=_9 EXT059_3=_9 EXT059_4=_9 EXT059_5=_9 EXT059_6=_9 EXT060_1=_9 EXT062_1=invalidEndEvent EXT062_2=_3 EXT062_3=invalidStartEvent EXT067_1=_3 EXT069_1=_3 EXT069_2=_3
        EXT070_1=_3 EXT070_2=_3 EXT071_1=_3 EXT072_1=_3 EXT076_1=_2 EXT076_2=_2 EXT076_3=_2 EXT078_1=data EXT079_1=_3 EXT080_1=_4 EXT081_1=Din_3_7 EXT084_1=_3 EXT086_1=whileEx EXT091_1=_4 EXT096_1=_2
        EXT097_1=_2 EXT097_2=_8 EXT100_1=_7 EXT100_2=_7 EXT100_3=_7 EXT101_1=_2 EXT103_1=_5 EXT105_1=_2 EXT105_2=_7 EXT107_1=_2 EXT109_1=_6 EXT113_1=_7 EXT116_1=_4 EXT116_2=_4 EXT118_1=_4 EXT119_1=_12 EXT119_2=_12
        EXT119_3=_3 EXT119_4=_3 EXT120_1=_7 EXT121_1=_2 EXT128_1=_16 EXT128_2=_3 EXT128_3=_9 EXT128_4=_5 EXT128_5=_2 EXT130_1=_7 EXT132_1=_3 EXT133_1=_3 EXT135_1=_10 EXT135_2=_10 EXT135_3=_10 EXT138_1=_7 EXT138_2=_7
        EXT138_3=_7 EXT139_1=_2 EXT141_1=_13 EXT146_1=_3 EXT146_2=_3 EXT146_3=_3 EXT146_4=_3 EXT146_5=_3 EXT149_1=_3 EXT149_2=_3 EXT149_3=_3 EXT149_4=_3 EXT149_5=_3 EXT150_1=_4 EXT150_2=_3 EXT150_3=_6 EXT150_4=_8
        EXT151_1=_3 EXT151_2=_16 EXT151_3=_5 EXT151_4=_6 EXT152_1=_8 EXT152_2=_7 REF_1=_18 REF_2=_3 REF_3=F2_8 REF_4=_11 REF_5=_2 REF_6=PE_1 REF_7=_18 REF_8=_5 REF_9=_4 REF_10=_4 REF_11=_17 REF_12=_6 REF_13=_7 REF_14=_7
        REF_15=PROCESS_1 REF_16=key_1 REF_17=IF_1_O_1
        """;

    private static readonly string[] Valid = ["bpmn-execution", "bpmn-miwg", "bpmn-business"];

    /// <summary>Runs all files; the last line is <c>bpmn-must-reject: passed/total</c>.</summary>
    public static int Run(string folder, TextWriter output)
    {
        var faults = Faults.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('=', 2)).ToDictionary(f => f[0], f => f[1], StringComparer.Ordinal);
        int passed = 0, total = 0, refused = 0;
        foreach (var file in Models.Files(folder))
        {
            total++;
            var name = FileName().Match(Path.GetFileName(file));
            var key = name.Value;
            var constraint = name.Groups["ref"].Success ? "REF" : $"EXT.{name.Groups["number"].Value}";
            var compilation = ProcessCompiler.Compile(Models.Sources(file));
            refused += compilation.Succeeded ? 0 : 1;
            var rules = ProcessRule.All.Where(r => r.Checks(constraint)).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
            if (faults.TryGetValue(key, out var fault) && compilation.Findings.Any(f => rules.Contains(f.Rule) && f.ElementId == fault))
            {
                passed++;
                continue;
            }

            var seen = string.Join("; ", compilation.Findings.Select(f => $"{f.Rule}@{f.ElementId}").Distinct(StringComparer.Ordinal).Take(6));
            output.WriteLine($"MISSED {Path.GetFileName(file)}: {constraint} on {fault}; found {seen}");
        }

        var alarms = Valid.Sum(name => FalseAlarms(Path.Combine(Path.GetDirectoryName(folder)!, name), output));
        output.WriteLine($"refused: {refused}, warned of: {total - refused}");
        output.WriteLine($"false alarms: {alarms}");
        output.WriteLine($"bpmn-must-reject: {passed}/{total}");
        return passed == total && alarms == 0 ? 0 : 1;
    }

    private static int FalseAlarms(string folder, TextWriter output)
    {
        if (!Directory.Exists(folder))
        {
            output.WriteLine($"not there, so not checked for false alarms: {Path.GetFileName(folder)}");
            return 0;
        }

        var rules = ProcessRule.All.Where(r => r.Constraint is not null).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var alarms = 0;
        var meantToFail = Models.MeantToFail(folder);
        foreach (var file in Models.Files(folder).Where(f => !meantToFail.Contains(Path.GetFileName(f))))
        {
            foreach (var finding in ProcessCompiler.Compile(Models.Sources(file)).Findings.Where(f => f.Severity == FindingSeverity.Error && rules.Contains(f.Rule)))
            {
                alarms++;
                output.WriteLine($"ALARM {Path.GetFileName(file)}: {finding.Rule} on {finding.ElementId}: {finding.Sentence}");
            }
        }

        return alarms;
    }

    [GeneratedRegex(@"^(EXT(?<number>\d{3})|(?<ref>REF))_\d+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileName();
}
