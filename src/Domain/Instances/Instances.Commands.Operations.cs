using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Instances;

/// <summary>Stops an instance for a while: clocks stand still, tasks and jobs are not offered. Results of work under way are taken.</summary>
/// <param name="Reason">Why, for the trail; required.</param>
public sealed record SuspendInstance(string TenantId, Guid InstanceId, Actor By, string Reason) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Lets a suspended instance go on.</summary>
/// <param name="Reason">Why, for the trail; required.</param>
public sealed record ResumeInstance(string TenantId, Guid InstanceId, Actor By, string Reason) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Moves tokens: ends some, puts new ones at elements.</summary>
/// <param name="End">Tokens to end, with all inside them; the id of an element stands for every token that rests at it.</param>
/// <param name="Begin">Where tokens are put.</param>
/// <param name="Reason">Why, for the trail; required.</param>
/// <param name="Move">Tokens that go on elsewhere in their scope; what is named here need not be named in the other two.</param>
public sealed record ModifyInstance(string TenantId, Guid InstanceId, Actor By, ImmutableArray<string> End, ImmutableArray<TokenPlace> Begin, string Reason,
    ImmutableArray<TokenMove> Move = default) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Every token that rests at an element goes on at another one of the same scope.</summary>
/// <param name="From">The element where they rest, or the id of one token.</param>
/// <param name="To">The element where each goes on.</param>
public sealed record TokenMove(string From, string To);

/// <summary>Where a token is put.</summary>
/// <param name="ElementId">The element.</param>
/// <param name="ScopeId">The token of the sub-process around it, where there are several; null = the only one, or a new one.</param>
public sealed record TokenPlace(string ElementId, string? ScopeId = null);

/// <summary>Lets an instance have more facts than the service allows by itself. An incident about the limit is retried on its own.</summary>
/// <param name="Limit">Facts allowed from now on, above those allowed now and up to <see cref="DecideLimits.MostEvents"/>.</param>
/// <param name="Reason">Why, for the trail; required.</param>
public sealed record RaiseInstanceLimit(string TenantId, Guid InstanceId, Actor By, int Limit, string Reason) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Lets an instance go on in a successor, which takes over everything that is open and begins to count its facts anew.</summary>
/// <param name="Reason">Why, for the trail; required.</param>
public sealed record ContinueInstance(string TenantId, Guid InstanceId, Actor By, string Reason) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Goes on behind what raised an incident, as if its work were done.</summary>
/// <param name="Variables">Results to hand on instead of those of the work.</param>
/// <param name="Reason">Why, for the trail; required.</param>
public sealed record SkipIncident(string TenantId, Guid InstanceId, Actor By, string IncidentId, ImmutableDictionary<string, JsonElement> Variables, string Reason)
    : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Goes on at another element of the same scope instead of where an incident was raised.</summary>
/// <param name="ElementId">Where to go on.</param>
/// <param name="Reason">Why, for the trail; required.</param>
public sealed record RerouteIncident(string TenantId, Guid InstanceId, Actor By, string IncidentId, string ElementId, string Reason) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Lets an instance run another version of its process from here on.</summary>
/// <param name="ProcessVersionId">The version to run, <c>key:number</c>.</param>
/// <param name="Mapping">Old element id to new, where they differ.</param>
/// <param name="Reason">Why, for the trail; required.</param>
public sealed record MigrateInstance(string TenantId, Guid InstanceId, Actor By, string ProcessVersionId, ImmutableDictionary<string, string> Mapping, string Reason)
    : InstanceCommand(TenantId, InstanceId, By);
