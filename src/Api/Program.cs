using Countersign.Api.Hosting;

// The table of contents: each floor adds its services and maps its routes, in this order.
return await StartUp.Run(async report =>
{
    var builder = WebApplication.CreateBuilder(args);
    var roles = builder.AddHost(report);
    builder.AddHealth();
    await using var database = await builder.AddDatabase(roles, [], report);

    var app = builder.Build();
    app.MapHealth();
    app.ReportWhenStarted(roles, report);
    await app.RunAsync();
});
