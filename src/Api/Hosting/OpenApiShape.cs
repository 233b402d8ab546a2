using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
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
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // Answers may gain members within v1; a request with one that is not known is refused.
            if (context.JsonTypeInfo.Type.Name.EndsWith("Request", StringComparison.Ordinal))
                schema.AdditionalPropertiesAllowed = false;
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
            if (metadata.OfType<TakesIfMatch>().Any())
                operation.Parameters.Add(Header("If-Match", "The ETag of the instance that was read: with it, the act is refused when the instance has changed since.", maxLength: 32, required: false));
            if (metadata.OfType<NeedsPermission>().FirstOrDefault() is { } needs)
            {
                operation.Description = $"Permission: `{needs.Name}`.";
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            }

            Paging(operation, metadata);
            Bodies(operation, context.Description);
            operation.OperationId = OperationId(context.Description.HttpMethod ?? "", context.Description.RelativePath ?? "");
            return Task.CompletedTask;
        });
    }

    private static void Paging(OpenApiOperation operation, IList<object> metadata)
    {
        if (!metadata.OfType<IProducesResponseTypeMetadata>().Any(m => m.Type is { IsGenericType: true } t && t.GetGenericTypeDefinition() == typeof(Page<>)))
            return;
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = "limit",
            In = ParameterLocation.Query,
            Description = $"Items of a page; {Cursors.DefaultLimit} when left out.",
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Minimum = "1",
                Maximum = Cursors.MaxLimit.ToString(CultureInfo.InvariantCulture),
                Default = JsonValue.Create(Cursors.DefaultLimit),
            },
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "cursor",
            In = ParameterLocation.Query,
            Description = "As 'next' of the page before gave it; valid for the same tenant, list and filters only.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = Cursors.MaxLength },
        });
    }

    private static void Bodies(OpenApiOperation operation, ApiDescription description)
    {
        foreach (var body in description.ParameterDescriptions.Where(p => p.Source.Id == "Body"))
        {
            if (RequestExamples.Of(body.Type) is { } example && operation.RequestBody?.Content?.TryGetValue("application/json", out var json) == true)
                json.Example = example;
        }

        if (operation.RequestBody is OpenApiRequestBody request)
        {
            var limit = description.ActionDescriptor.EndpointMetadata.OfType<BodyLimit>().LastOrDefault()?.MaxRequestBodySize ?? BodyLimit.Default;
            request.Description = $"At most {limit.ToString("N0", CultureInfo.InvariantCulture)} bytes; more is answered with 413.";
            request.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
            request.Extensions["x-max-bytes"] = new JsonNodeExtension(JsonValue.Create(limit));
        }

        foreach (var (status, response) in operation.Responses ?? [])
        {
            var code = int.Parse(status, CultureInfo.InvariantCulture);
            if (code >= 400 && response.Content?.TryGetValue(Problems.MediaType, out var problem) == true)
                problem.Example = JsonSerializer.SerializeToNode(RequestExamples.Problem(code), ClientJson.Options);
            if (response is not OpenApiResponse own)
                continue;
            own.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            if (code is 201 or 202)
                own.Headers["Location"] = Sent("Address of what was made.");
            if (code is 429 or 503)
                own.Headers["Retry-After"] = Sent("Seconds to wait before the same call is made again.");
            if (code is 401)
                own.Headers["WWW-Authenticate"] = Sent("Always names Bearer.");
        }
    }

    private static OpenApiHeader Sent(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static OpenApiParameter Header(string name, string description, int maxLength, bool required = true) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = required,
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
