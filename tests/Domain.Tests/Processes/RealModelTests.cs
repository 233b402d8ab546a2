using System.Collections.Immutable;
using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

public sealed class RealModelTests(ITestOutputHelper output)
{
    [Fact]
    public void The_invoice_pack_compiles_without_an_error()
    {
        var folder = Path.Combine(Places.Repository, "samples", "invoice");
        var files = ImmutableArray.Create(new ProcessSource(ProcessSourceKind.Bpmn, "invoice.bpmn", File.ReadAllBytes(Path.Combine(folder, "invoice.bpmn"))))
            .AddRange(Directory.GetFiles(Path.Combine(folder, "forms"), "*.*").Select(f => new ProcessSource(ProcessSourceKind.Form, Path.GetFileName(f), File.ReadAllBytes(f))));
        var compilation = ProcessCompiler.Compile(new ProcessSources(files));
        foreach (var finding in compilation.Findings)
            output.WriteLine(finding.ToString());
        compilation.Findings.ShouldNotContain(f => f.Severity == FindingSeverity.Error);
        compilation.Graph!.Key.ShouldBe("invoice");
        compilation.Graph.Policies.ShouldBe(["invoice-approval"]);
        compilation.Graph.DataClasses.ShouldContain(d => d.Variable == "invoice" && d.Class == "personal");
    }

    [Fact]
    public void Every_model_of_other_tools_loads_or_is_refused_with_findings()
    {
        var folder = Places.Data("processes");
        if (folder is null)
            Assert.Skip("The real models are not on this machine (../shared/data/processes).");
        var causes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int loaded = 0, all = 0;
        foreach (var file in Directory.EnumerateFiles(folder, "*.bpmn*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            all++;
            var compilation = ProcessCompiler.Compile(new ProcessSources([new ProcessSource(ProcessSourceKind.Bpmn, "process.bpmn", File.ReadAllBytes(file))]));
            if (compilation.Succeeded)
                loaded++;
            else
                compilation.Findings.ShouldContain(f => f.Severity == FindingSeverity.Error, file);
            compilation.Findings.ShouldNotContain(f => f.Rule.StartsWith("xml.", StringComparison.Ordinal) || f.Rule == "bpmn.not-bpmn", $"every file here is well-formed: {file}");
            foreach (var rule in compilation.Findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Rule).Distinct(StringComparer.Ordinal))
                causes[rule] = causes.GetValueOrDefault(rule) + 1;
            compilation.Findings.ShouldAllBe(f => f.Sentence.Length > 10 && f.Remedy.Length > 5);
        }

        output.WriteLine($"loaded {loaded}/{all}");
        foreach (var (rule, count) in causes.OrderByDescending(c => c.Value))
            output.WriteLine($"{count,5} {rule}");
    }
}
