using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Countersign.Feel;
using Countersign.Feel.Dmn;
using Countersign.Feel.Values;

namespace Countersign.Conformance;

/// <summary>
/// The DMN technology compatibility kit: every <c>*-test-*.xml</c> beside its models. A case passes when all its results are as
/// expected; numbers agree to eight decimal places, as the kit's own runner has it.
/// </summary>
internal static class DmnTck
{
    private static readonly XNamespace Kit = "http://www.omg.org/spec/DMN/20160719/testcase";
    private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Runs all cases below a folder.</summary>
    public static int Run(string folder, TextWriter output)
    {
        var files = Directory.EnumerateFiles(folder, "*-test-*.xml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
        {
            output.WriteLine($"There is no *-test-*.xml below '{folder}'.");
            return 2;
        }
        var (passed, total) = (0, 0);
        foreach (var file in files)
        {
            var (right, all) = RunFile(file, output);
            passed += right;
            total += all;
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"dmn-tck: {passed}/{total}"));
        return passed == total ? 0 : 1;
    }

    /// <summary>Runs one file of cases.</summary>
    public static (int Passed, int Total) RunFile(string file, TextWriter output)
    {
        var cases = Read(file);
        var folder = Path.GetDirectoryName(file)!;
        var model = LoadModel(folder, cases.Element(Kit + "modelName")?.Value.Trim() ?? "", output);
        var (passed, total) = (0, 0);
        foreach (var one in cases.Elements(Kit + "testCase"))
        {
            total++;
            var problem = model is null ? "the model could not be loaded" : RunCase(model, one);
            if (problem is null)
                passed++;
            else
                output.WriteLine($"{Path.GetFileNameWithoutExtension(file)} {(string?)one.Attribute("id")}: {problem}");
        }
        return (passed, total);
    }

    private static XElement Read(string file)
    {
        using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        return XDocument.Load(reader).Root!;
    }

    // Models of the folder are loaded until no more of them can be: an imported one comes before its importer.
    private static DmnModel? LoadModel(string folder, string name, TextWriter output)
    {
        var waiting = Directory.GetFiles(folder, "*.dmn").Order(StringComparer.Ordinal).ToList();
        var loaded = new Dictionary<string, DmnModel>(StringComparer.Ordinal);
        while (waiting.Count > 0)
        {
            var before = waiting.Count;
            foreach (var path in waiting.ToList())
            {
                var result = DmnModel.Load(File.ReadAllBytes(path), new DmnLoadOptions { Imports = loaded.Values });
                var isMissingImport = result.Diagnostics.Any(d => d.Message.Contains("imported model", StringComparison.Ordinal));
                if (isMissingImport && waiting.Count > 1)
                    continue;
                waiting.Remove(path);
                if (result.Model is { } model)
                    loaded[Path.GetFileName(path)] = model;
                else
                    output.WriteLine($"{Path.GetFileName(path)}: {result.Diagnostics[0].Message}");
            }
            if (waiting.Count == before)
                break;
        }
        return loaded.GetValueOrDefault(name) ?? (loaded.Count == 1 ? loaded.Values.First() : null);
    }

    private static string? RunCase(DmnModel model, XElement testCase)
    {
        var scope = FeelScope.Empty;
        foreach (var input in testCase.Elements(Kit + "inputNode"))
            scope = scope.With(((string?)input.Attribute("name"))!, Value(input));
        var options = new FeelOptions { Now = Now };
        var invocable = (string?)testCase.Attribute("invocableName");
        foreach (var node in testCase.Elements(Kit + "resultNode"))
        {
            var name = (string?)node.Attribute("name") ?? "";
            var result = invocable is not null ? model.Invoke(invocable, scope, options) : model.Evaluate(name, scope, options);
            var actual = result.Value;
            if (invocable is not null && actual is FeelContext outputs && outputs.TryGetValue(name, out var one))
                actual = one;
            var wantsNull = string.Equals((string?)node.Attribute("errorResult"), "true", StringComparison.Ordinal);
            var expected = node.Element(Kit + "expected") is { } given ? Value(given) : FeelValue.Null;
            if (wantsNull ? !actual.IsNull && !Same(expected, actual) : !Same(expected, actual))
                return $"{name} is {actual}, expected {expected}{(result.Warnings.IsEmpty ? "" : " (" + result.Warnings[0].Message + ")")}{result.Failure?.Message}";
        }
        return null;
    }

    private static FeelValue Value(XElement element)
    {
        if (element.Element(Kit + "list") is { } list)
            return IsNil(list) ? FeelValue.Null : FeelList.Of(list.Elements(Kit + "item").Select(Value));
        if (element.Elements(Kit + "component").ToList() is { Count: > 0 } components)
            return FeelContext.Of(components.Select(c => (((string?)c.Attribute("name"))!, IsNil(c) ? FeelValue.Null : Value(c))));
        return element.Element(Kit + "value") is { } value && !IsNil(value) ? Simple(value) : FeelValue.Null;
    }

    private static bool IsNil(XElement element) => string.Equals((string?)element.Attribute(Instance + "nil"), "true", StringComparison.Ordinal);

    private static FeelValue Simple(XElement element)
    {
        var text = element.Value;
        var type = (string?)element.Attribute(Instance + "type") ?? "string";
        switch (type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..])
        {
            case "string":
                return FeelValue.From(text);
            case "boolean":
                return FeelValue.From(text.Trim() is "true" or "1");
            case "decimal" or "double" or "integer" or "float" or "int" or "long":
                return Decimal34.TryParse(text.Trim(), out var number) ? new FeelNumber(number) : FeelValue.From(text);
            default:
                var compiled = FeelExpression.Compile($"@\"{text.Trim()}\"");
                return compiled.Expression?.Evaluate(FeelScope.Empty, FeelOptions.Default).Value is { IsNull: false } temporal ? temporal : FeelValue.From(text);
        }
    }

    private static bool Same(FeelValue expected, FeelValue actual)
    {
        switch (expected, actual)
        {
            case (FeelNumber a, FeelNumber b):
                return a.Value == b.Value || (a.Value.TryRescale(8, DecimalRounding.HalfEven, out var x) && b.Value.TryRescale(8, DecimalRounding.HalfEven, out var y) && x == y);
            case (FeelList a, FeelList b):
                return a.Count == b.Count && a.Zip(b).All(pair => Same(pair.First, pair.Second));
            case (FeelContext a, FeelContext b):
                return a.Count == b.Count && a.All(entry => b.TryGetValue(entry.Key, out var other) && Same(entry.Value, other));
            // The kit writes zero durations of either kind alike.
            case (FeelMonthsDuration { Months: 0 }, FeelDaysDuration b):
                return b.Nanoseconds == 0;
            case (FeelDaysDuration a, FeelMonthsDuration { Months: 0 }):
                return a.Nanoseconds == 0;
            default:
                return expected.Equals(actual) || (expected.Kind == actual.Kind && FeelComparison.AreEqual(expected, actual) == true);
        }
    }
}
