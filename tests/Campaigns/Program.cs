using System.CommandLine;
using Countersign.Campaigns.Kills;

// dotnet run --project tests/Campaigns -c Release -- kill --invoices 500 --kills 8
var root = new RootCommand("Long runs against the real service that end with figures and a verdict.") { KillCommand.Create() };
return await root.Parse(args).InvokeAsync();
