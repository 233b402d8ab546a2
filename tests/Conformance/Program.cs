using Countersign.Conformance;

// One row a suite: name, what its folder holds, and the function that runs it. Exit code 0 = the suite's own bar is met.
(string Name, string Folder, Func<string, TextWriter, int> Run)[] suites =
[
    ("invoice-xml", "EN 16931 e-invoices with truth.jsonl beside or above", InvoiceXmlSuite.Run),
    ("invoice-pages", "PDF invoices with truth.jsonl; attachments are not read", InvoicePagesSuite.Run),
    ("documents-odd", "any files; prints what is answered to each", DocumentsOddSuite.Run),
    ("invoice-calibration", "as invoice-pages; prints the error of the confidences", InvoiceCalibrationSuite.Run),
    ("invoice-calibration-table", "as invoice-pages; prints the table to ship", InvoiceCalibrationSuite.PrintTable),
    ("bpmn-execution", "executable models with cases.json", BpmnExecutionSuite.Run),
    ("bpmn-must-reject", "invalid models named after the constraint they break", BpmnMustRejectSuite.Run),
    ("bpmn-business", "models of real business processes; printed by vendor", BpmnBusinessSuite.Run),
    ("bpmn-roundtrip", "models that must be kept whole", BpmnRoundTripSuite.Run),
    ("bpmn-import", "any BPMN files; each loads or is refused, printed by cause", BpmnImportSuite.Run),
    ("dmn-tck", "models with *-test-*.xml of the DMN compatibility kit", DmnTck.Run),
];

if (args is not [var name, var folder] || Array.Find(suites, suite => suite.Name == name) is not { Run: { } run })
{
    Console.Error.WriteLine("Usage: Conformance <suite> <folder>");
    foreach (var suite in suites)
        Console.Error.WriteLine($"  {suite.Name,-16} {suite.Folder}");
    return 2;
}

if (!Directory.Exists(folder))
{
    Console.Error.WriteLine($"There is no folder '{folder}'. Give the folder that holds the suite's files.");
    return 2;
}

return run(Path.GetFullPath(folder), Console.Out);
