using Countersign.Api.Http;
using Countersign.Api.Identity;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Countersign.Api.Hosting;

/// <summary>What the generator cannot see: security, idempotency and precondition headers, paging, problem bodies.</summary>
internal static class OpenApiShape
{
    private const string Bearer = "bearer";

    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = description => description.ActionDescriptor.EndpointMetadata.OfType<NeedsPermission>().Any();
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Countersign",
                Version = "v1",
                Description = "AI proposes. People countersign. Anyone can verify. Every POST requires an Idempotency-Key; lists take limit and cursor; problems follow RFC 9457.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An access token of the tenant's identity provider with audience 'api', or an API key (cs_live_...).",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.Parameters ??= [];
            if (metadata.OfType<NeedsIdempotencyKey>().Any())
                operation.Parameters.Add(Header("Idempotency-Key", "A key of the caller's own making; the same key with the same request gives the same answer for at least 24 hours.", maxLength: 255));
            if (metadata.OfType<NeedsIfMatch>().Any())
                operation.Parameters.Add(Header("If-Match", "The ETag of the version that was read.", maxLength: 32));
            if (metadata.OfType<NeedsPermission>().FirstOrDefault() is { } needs)
            {
                operation.Description = $"Permission: `{needs.Name}`.";
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            }

            operation.OperationId = OperationId(context.Description.HttpMethod ?? "", context.Description.RelativePath ?? "");
            return Task.CompletedTask;
        });
    }

    private static OpenApiParameter Header(string name, string description, int maxLength) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = true,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = maxLength },
    };

    private static string OperationId(string method, string path)
    {
        var words = path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(w => w.StartsWith('{') ? "By" + char.ToUpperInvariant(w[1]) + w[2..].TrimEnd('}').Split(':')[0] : string.Concat(w.Split('-').Select(p => char.ToUpperInvariant(p[0]) + p[1..])));
        return method.ToLowerInvariant() + string.Concat(words);
    }
}
