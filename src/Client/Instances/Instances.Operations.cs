using System.Text.Json;

namespace Countersign.Client.Instances;

/// <summary>Stops an instance for a while: clocks stand still, tasks and jobs are not offered.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record SuspendInstanceRequest(string Reason);

/// <summary>Lets a suspended instance go on.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record ResumeInstanceRequest(string Reason);

/// <summary>Lets an instance have more facts than the service allows by itself. An incident about the limit is then retried.</summary>
/// <param name="Limit">Facts allowed from now on: above those allowed now, up to 90,000.</param>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record RaiseInstanceLimitRequest(int Limit, string Reason);

/// <summary>Lets an instance go on in a successor, which takes over everything that is open and begins to count its facts anew.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record ContinueInstanceRequest(string Reason);

/// <summary>Sets variables of the process scope from outside.</summary>
/// <param name="Variables">At least one; the others keep their values.</param>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record SetVariablesRequest(IReadOnlyDictionary<string, JsonElement> Variables, string Reason);

/// <summary>Moves tokens. At most 100 of each kind; at least one in all.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
/// <param name="Move">Tokens that go on at another element of the same scope.</param>
/// <param name="End">Tokens to end with all inside them: their ids, or ids of elements for every token that rests there.</param>
/// <param name="Begin">Elements at which a new token is put.</param>
public sealed record ModifyInstanceRequest(string Reason, IReadOnlyList<TokenMove>? Move = null, IReadOnlyList<string>? End = null, IReadOnlyList<TokenPlace>? Begin = null);

/// <summary>Every token that rests at one element goes on at another.</summary>
/// <param name="From">Element where they rest, or the id of one token.</param>
/// <param name="To">Element where each goes on.</param>
public sealed record TokenMove(string From, string To);

/// <summary>Where a token is put.</summary>
/// <param name="ElementId">The element.</param>
/// <param name="ScopeId">The token of the sub-process around it, where several run; null otherwise.</param>
public sealed record TokenPlace(string ElementId, string? ScopeId = null);

/// <summary>Lets an instance run another version of its process from where it stands.</summary>
/// <param name="Version">Number of the version to run.</param>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
/// <param name="Mapping">Old element id to new, where they differ; at most 500.</param>
/// <param name="DryRun">True judges only: nothing is changed.</param>
public sealed record MigrateInstanceRequest(int Version, string Reason, IReadOnlyDictionary<string, string>? Mapping = null, bool DryRun = false);

/// <summary>Whether an instance can run another version, and whether it does now.</summary>
/// <param name="Possible">Whether nothing stands in the way.</param>
/// <param name="Applied">Whether it runs the other version by this call; false for a dry run, and when it ran it already.</param>
/// <param name="Sentence">The verdict in words.</param>
/// <param name="Findings">What stands in the way, each with what to do; empty when nothing does.</param>
/// <param name="Ends">Elements whose timer or subscription ends with the migration, because the other version has none there.</param>
public sealed record MigrationView(Guid InstanceId, int FromVersion, int ToVersion, bool Possible, bool Applied, string Sentence, IReadOnlyList<MigrationFinding> Findings,
    IReadOnlyList<string> Ends);

/// <summary>One thing that stands in the way of a migration.</summary>
/// <param name="ElementId">Where, in the version that is left.</param>
/// <param name="Sentence">What, and what to do.</param>
public sealed record MigrationFinding(string ElementId, string Sentence);
