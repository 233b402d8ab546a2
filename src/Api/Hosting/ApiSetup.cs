using Countersign.Api.Batches;
using Countersign.Api.Decisions;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Identity.Local;
using Countersign.Api.Instances;
using Countersign.Api.Members;
using Countersign.Api.Plans;
using Countersign.Client;
using Countersign.Projections.Databases;
using Countersign.Projections.Documents;
using Countersign.Workers.Documents;
using Countersign.Workers.Streams;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Countersign.Api.Hosting;

/// <summary>The API's services and routes.</summary>
internal static class ApiSetup
{
    public static void AddApi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddIdentity();
        services.AddHttpContextAccessor();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, ApiRoutesFirst>());
        services.AddSingleton(RateLimitOptions.From(builder.Configuration));
        services.AddSingleton<RateLimits>();
        services.AddSingleton<Cursors>();
        services.AddSingleton<Lists>();
        services.AddSingleton<MemberViews>();
        services.AddSingleton<MemberChanges>();
        services.AddSingleton<InstanceWrites>();
        services.AddSingleton<InstanceReader>();
        services.AddSingleton<BatchChoice>();
        services.AddSingleton<BatchSteps>();
        services.AddSingleton<InstanceActs>();
        services.AddSingleton<InstanceMigrations>();
        services.AddSingleton<DecisionReader>();
        services.AddSingleton<IdempotencyStore>();
        services.TryAddSingleton<StreamDoor>();
        services.AddSingleton<DocumentDoor>();
        services.AddSingleton<Writes>();
        services.AddSingleton<KeyUseLog>();
        services.AddSingleton<IKeyUseLog>(p => p.GetRequiredService<KeyUseLog>());
        services.AddHostedService(p => p.GetRequiredService<KeyUseLog>());
        services.AddSingleton<IDirectory, TenantDirectory>();
        services.ConfigureHttpJsonOptions(options =>
        {
            ClientJson.Apply(options.SerializerOptions);
            // The description is made from these: a number is never a text here.
            options.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        });
        services.AddOpenApi("v1", OpenApiShape.Configure);
    }

    /// <summary>The folder of this node's own files.</summary>
    public static string DataFolder(this WebApplicationBuilder builder) => DatabaseOptions.From(builder.Configuration).DataFolder;

    /// <summary>Middleware before routes: failures as problems, then who calls.</summary>
    public static void UseApi(this WebApplication app)
    {
        app.UseWhen(IsApi, api =>
        {
            api.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = Fail, SuppressDiagnosticsCallback = _ => false });
            api.UseStatusCodePages(context => Problems.OfStatus(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
        });
        app.UseApiPageHeaders();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseWhen(IsApi, api => api.Use(Acceptance.Check));
    }

    public static void MapApi(this WebApplication app)
    {
        RouteTable.MapAll(app);
        app.MapLocalIdentity();
        app.MapStripeHook();
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapApiPage();
    }

    private static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    private static Task Fail(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (error is BadHttpRequestException bad)
            return Problems.OfStatus(bad.StatusCode).ExecuteAsync(context);
        if (error is Npgsql.NpgsqlException { IsTransient: true } or TimeoutException)
        {
            return new ProblemAnswer(ProblemTable.Kinds["service.unavailable"], "The database does not answer in time. Repeat the call with the same Idempotency-Key.", [])
            {
                RetryAfter = TimeSpan.FromSeconds(2),
            }.ExecuteAsync(context);
        }

        return Problems.OfStatus(StatusCodes.Status500InternalServerError).ExecuteAsync(context);
    }
}
