using Countersign.Conformance;

string? page = null;
if (args is ["all", _, "--write", var path])
    (args, page) = (args[..2], path);

if (args is not [var name, var folder] || (name != "all" && !Array.Exists(Suites.All, suite => suite.Name == name)))
{
    Console.Error.WriteLine("Usage: Conformance <suite> <folder>");
    Console.Error.WriteLine("       Conformance all <data folder> [--write <page>]");
    foreach (var suite in Suites.All)
        Console.Error.WriteLine($"  {suite.Name,-26} {suite.Folder}");
    return 2;
}

if (!Directory.Exists(folder))
{
    Console.Error.WriteLine($"There is no folder '{folder}'. Give the folder that holds the suite's files.");
    return 2;
}

return name == "all" ? AllSuites.Run(Path.GetFullPath(folder), page, Console.Out) : Array.Find(Suites.All, suite => suite.Name == name)!.Run(Path.GetFullPath(folder), Console.Out);
