using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Domain.Policies;

/// <summary>The text of a policy version, as its author writes it (JSON, camelCase, unknown members refused).</summary>
/// <param name="Name">Title for people, 1 to 200 characters.</param>
/// <param name="Binding">Which model may propose, and under which terms.</param>
/// <param name="Calibration">How a raw score becomes a probability of being right.</param>
/// <param name="Fields">Fields whose confidence counts; the lowest is the overall confidence.</param>
/// <param name="Proposal">FEEL expression for the case data shown to the gate as <c>case</c>; unset means all variables of the step.</param>
/// <param name="Checks">FEEL expression that yields a list of <c>{id, result, detail}</c>; unset means none.</param>
/// <param name="Impact">FEEL expression that yields the business impact as a number, 0 or more.</param>
/// <param name="GateDecision">Id or name of the decision in the gate's DMN.</param>
/// <param name="Sampling">Share of accepted cases that a person sees anyway; unset means none.</param>
/// <param name="Limits">Bounds beyond which a person is asked; unset means none but the built-in ones.</param>
public sealed record PolicyDocument(string Name, PolicyBinding Binding, PolicyCalibration Calibration, ImmutableArray<string> Fields, string? Proposal, string? Checks, string Impact,
    string GateDecision, PolicySampling? Sampling, PolicyLimits? Limits)
{
    /// <summary>Reads a policy document strictly: unknown or repeated members, wrong types and trailing text are refused.</summary>
    /// <param name="text">The JSON text, at most 1 MB.</param>
    /// <param name="problem">One sentence when the result is null.</param>
    public static PolicyDocument? Read(string text, out string? problem)
    {
        problem = null;
        if (text.Length > 1024 * 1024)
        {
            problem = "A policy document is at most 1 MB.";
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(text, PolicyJson.Default.PolicyDocument);
        }
        catch (JsonException error)
        {
            problem = $"The policy document is not valid at line {error.LineNumber + 1}, path {error.Path ?? "$"}. Correct it and draft again.";
            return null;
        }
    }
}

/// <summary>Which model may propose.</summary>
/// <param name="Provider">Provider, e.g. <c>countersign</c> for readers that ship with the product.</param>
/// <param name="Model">Model name.</param>
/// <param name="Versions">Accepted versions; empty accepts any.</param>
/// <param name="PromptHash">Hash of the prompt template that must have been used, or null.</param>
public sealed record PolicyBinding(string Provider, string Model, ImmutableArray<string> Versions, string? PromptHash);

/// <summary>How a raw score becomes a probability.</summary>
/// <param name="Method"><c>shipped</c>: the provider's scores are calibrated already (only for provider <c>countersign</c>);
/// <c>isotonic</c>: linear between <paramref name="Points"/>.</param>
/// <param name="Points">Raw score to probability, rising in both.</param>
/// <param name="Labels">Labelled outcomes behind the points; below <paramref name="MinimumLabels"/> every score counts as 0.</param>
/// <param name="MinimumLabels">Labelled outcomes needed; unset means 200.</param>
/// <param name="ExpectedError">Expected calibration error, 0 to 1, for the record.</param>
public sealed record PolicyCalibration(string Method, ImmutableArray<CalibrationPoint> Points, int Labels, int? MinimumLabels, decimal? ExpectedError);

/// <summary>One point of a reliability curve.</summary>
/// <param name="Score">Raw score, 0 to 1.</param>
/// <param name="Probability">Probability of being right, 0 to 1.</param>
public sealed record CalibrationPoint(decimal Score, decimal Probability);

/// <summary>Sampling of accepted cases.</summary>
/// <param name="Share">Share between 0 and 1.</param>
/// <param name="Stratum">FEEL expression that names the stratum; each stratum is sampled on its own. Unset means one stratum.</param>
public sealed record PolicySampling(decimal Share, string? Stratum);

/// <summary>Bounds beyond which a person is asked.</summary>
/// <param name="MaximumAttempts">Attempts of the model job after which its answer is not trusted; unset means 3.</param>
/// <param name="MaximumCost">Cost of one proposal; unset means no bound.</param>
/// <param name="MaximumLatency">Latency of one proposal in seconds; unset means no bound.</param>
public sealed record PolicyLimits(int? MaximumAttempts, decimal? MaximumCost, decimal? MaximumLatency);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    PropertyNameCaseInsensitive = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(PolicyDocument))]
internal sealed partial class PolicyJson : JsonSerializerContext;
