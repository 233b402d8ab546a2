using System.Text.Json;
using System.Text.RegularExpressions;

namespace Countersign.Integration.Tests.Api;

/// <summary>What every answer outside 2xx must be, and must not tell.</summary>
internal static partial class ProblemRules
{
    private const string Prefix = "urn:countersign:problem:";

    /// <summary>What is wrong with an answer, or null.</summary>
    public static string? Broken(Got got)
    {
        if (got.Status is >= 200 and < 300)
            return null;
        if (got.Status >= 500)
            return $"it is {got.Status}: {got.Body}";
        if (got.MediaType != "application/problem+json")
            return $"{got.Status} comes as '{got.MediaType}'";
        var leak = Leak().Match(got.Body);
        return leak.Success ? $"it tells '{leak.Value}': {got.Body}" : Members(got);
    }

    private static string? Members(Got got)
    {
        JsonElement problem;
        try
        {
            problem = got.Json;
        }
        catch (JsonException)
        {
            return $"{got.Status} has no JSON: {got.Body}";
        }

        string? Text(string name) => problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
        var (type, code) = (Text("type"), Text("code"));
        if (type is null || code is null || Text("title") is null || Text("detail") is null || Text("traceId") is null)
            return $"a member is missing: {got.Body}";
        if (type != Prefix + code || !Code().IsMatch(code))
            return $"type and code do not agree: {got.Body}";
        return problem.TryGetProperty("status", out var status) && status.TryGetInt32(out var number) && number == got.Status ? null : $"the status is another: {got.Body}";
    }

    [GeneratedRegex(@"\A[a-z_]+(\.[a-z_]+)+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    // Stack frames, types of ours and of libraries, SQL and its tables, files of a machine, connection strings.
    [GeneratedRegex(@"\bat [A-Z][A-Za-z]+\.[A-Z]|\.cs:line|--->|\b[A-Z][A-Za-z]*Exception\b|\b(Npgsql|Marten|Wolverine|Hangfire|JasperFx|Microsoft|System)\.[A-Z]|\bmt_[a-z]+|\b(select|insert|update|delete)\b.{1,80}\b(from|into|set|where)\b|\bSQLSTATE|/(home|root|tmp|usr|var|work)/|[A-Z]:\\\\|Password=|Host=", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Leak();
}
