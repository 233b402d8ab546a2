using Countersign.Console.Sample;

var port = args is [var first, ..] && int.TryParse(first, out var number) ? number : 5081;
await using var host = await SampleHost.Start(port);
System.Console.WriteLine($"The console over made-up data: {host.Address}  (stop with Ctrl+C)");
await host.Stopped;
