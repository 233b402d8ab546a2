namespace Countersign.Conformance;

/// <summary>A suite: what it is called, what its folder holds, and the function that runs it. It ends with <c>name: passed/total</c>; exit code 0 = its own bar is met.</summary>
/// <param name="Shown">How many of its last lines are its result; the lines before them are details.</param>
/// <param name="Data">Its folder inside the data collection; null = not part of a run of all suites.</param>
/// <param name="Bar">What it must reach, in words.</param>
internal sealed record Suite(string Name, string Folder, Func<string, TextWriter, int> Run, int Shown = 1, string? Data = null, string Bar = "");

/// <summary>All suites, one row each.</summary>
internal static class Suites
{
    public static readonly Suite[] All =
    [
        new("invoice-xml", "EN 16931 e-invoices with truth.jsonl beside or above", InvoiceXmlSuite.Run, 1, "documents/einvoice-xml", "all"),
        new("invoice-pages", "PDF invoices with truth.jsonl; attachments are not read", InvoicePagesSuite.Run, 7, "documents/invoice-pdf-hybrid", "80 % over sellers and fields, 90 % for number, date and total"),
        new("documents-odd", "any files; prints what is answered to each", DocumentsOddSuite.Run, 1, "documents/damaged-or-odd", "each is answered, none crashes"),
        new("invoice-calibration", "as invoice-pages; prints the error of the confidences", InvoiceCalibrationSuite.Run),
        new("invoice-calibration-table", "as invoice-pages; prints the table to ship", InvoiceCalibrationSuite.PrintTable),
        new("bpmn-execution", "executable models with cases.json", BpmnExecutionSuite.Run, 2, "processes/bpmn-execution", "95 %, every other case refused by name"),
        new("bpmn-must-reject", "invalid models named after the constraint they break", BpmnMustRejectSuite.Run, 3, "processes/bpmn-must-reject", "all, no false alarm"),
        new("bpmn-business", "models of real business processes; printed by vendor", BpmnBusinessSuite.Run, 8, "processes/bpmn-business", "98 % run unchanged or after named edits, 60 % unchanged"),
        new("bpmn-roundtrip", "models that must be kept whole", BpmnRoundTripSuite.Run, 1, "processes/bpmn-miwg", "all"),
        new("bpmn-import", "any BPMN files; each loads or is refused, printed by cause", BpmnImportSuite.Run, 3, "processes", "none crashes or hangs, 60 % load"),
        new("dmn-tck", "models with *-test-*.xml of the DMN compatibility kit", DmnTck.Run, 1, "processes/dmn-tck", "all"),
    ];
}
