using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Api.Identity;
using Countersign.Api.Identity.Local;

namespace Countersign.Integration.Tests.Api;

/// <summary>One operation of the service's own description, and requests to it. What tests do to "every route" starts here, so that a new route cannot escape.</summary>
internal sealed partial record Operation(string Method, string Path, JsonElement Description)
{
    /// <summary>The whole description, where schemas stand.</summary>
    public JsonElement Document { get; init; }

    public string Name => $"{Method} {Path}";

    public string Permission => PermissionText().Match(Description.GetProperty("description").GetString()!).Groups["name"].Value;

    public bool NeedsKey => Has("Idempotency-Key");

    public bool NeedsVersion => Has("If-Match");

    public bool IsList => Has("cursor");

    /// <summary>Content types of the body, the JSON one first; empty without a body.</summary>
    public string[] BodyTypes => Description.TryGetProperty("requestBody", out var body)
        ? [.. body.GetProperty("content").EnumerateObject().Select(c => c.Name).OrderByDescending(c => c == "application/json")]
        : [];

    public bool TakesJson => BodyTypes is ["application/json", ..];

    public long MaxBytes => Description.GetProperty("requestBody").GetProperty("x-max-bytes").GetInt64();

    /// <summary>The description's own example of a body.</summary>
    public string Example => Description.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example").GetRawText();

    /// <summary>Members of the body that must be there.</summary>
    public IEnumerable<string> Required => BodySchema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(n => n.GetString()!) : [];

    public JsonElement BodySchema
    {
        get
        {
            var schema = Description.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema");
            return schema.TryGetProperty("$ref", out var at)
                ? Document.GetProperty("components").GetProperty("schemas").GetProperty(at.GetString()!.Split('/')[^1])
                : schema;
        }
    }

    public IEnumerable<string> Query => Parameters("query");

    public IEnumerable<string> InPath => Parameters("path");

    /// <summary>Content types of the good answers; empty when they have no body.</summary>
    public string[] Answers =>
        [.. Description.GetProperty("responses").EnumerateObject().Where(r => r.Name[0] == '2' && r.Value.TryGetProperty("content", out _))
            .SelectMany(r => r.Value.GetProperty("content").EnumerateObject().Select(c => c.Name)).Distinct(StringComparer.Ordinal)];

    /// <summary>Someone of Acme Finance who holds the operation's permission; programs are asked for by <see cref="RunningService.Key"/>.</summary>
    public string Someone(string program) =>
        new[] { "dora", "ana", "cleo" }.FirstOrDefault(w => DemoPeople.Find(w) is { } p && Countersign.Api.Identity.Permission.Of(p.Roles, p.Groups).Contains(Permission)) ?? program;

    /// <summary>The path with every parameter replaced by a value of its form that nobody has.</summary>
    public string Somewhere(string? id = null) => Parameter().Replace(Path, m => m.Groups["name"].Value switch
    {
        "version" => "1",
        "index" => "0",
        "key" or "name" => id ?? "nobodys",
        _ => id ?? Guid.CreateVersion7().ToString(),
    });

    /// <summary>A request that is right in form; the thing it names is nobody's.</summary>
    public HttpRequestMessage Request(string? path = null, string? query = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), (path ?? Somewhere()).TrimStart('/') + query);
        if (NeedsKey)
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        if (NeedsVersion)
            request.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        if (TakesJson)
            request.Content = Body(Encoding.UTF8.GetBytes(Example), "application/json");
        else if (BodyTypes.Length > 0)
            request.Content = Body("<invoice/>"u8.ToArray(), "application/xml");
        return request;
    }

    public static ByteArrayContent Body(byte[] bytes, string? type)
    {
        var content = new ByteArrayContent(bytes);
        if (type is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    private bool Has(string parameter) => Description.TryGetProperty("parameters", out var all) && all.EnumerateArray()
        .Any(p => p.GetProperty("name").GetString() == parameter && (p.GetProperty("in").GetString() != "header" || (p.TryGetProperty("required", out var must) && must.GetBoolean())));

    private IEnumerable<string> Parameters(string place) => Description.TryGetProperty("parameters", out var all)
        ? all.EnumerateArray().Where(p => p.GetProperty("in").GetString() == place).Select(p => p.GetProperty("name").GetString()!)
        : [];

    [GeneratedRegex("\\{(?<name>[^}]+)\\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();

    [GeneratedRegex("Permission: `(?<name>[a-z_.]+)`", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PermissionText();
}
