namespace Countersign.Client;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The items, in the list's order.</param>
/// <param name="Next">Opaque cursor of the next page, or null on the last one. Valid for the same tenant and list only.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>An amount of money. The amount is a decimal string so that no reader rounds it.</summary>
/// <param name="Amount">Decimal number with a point, e.g. <c>12.30</c>.</param>
/// <param name="Currency">ISO 4217 code, three capital letters.</param>
public sealed record Money(string Amount, string Currency);

/// <summary>A problem as RFC 9457 describes it, with the members every answer of this API carries.</summary>
/// <param name="Type"><c>urn:countersign:problem:noun.reason</c>; stable, the list is public.</param>
/// <param name="Title">Short summary of the type.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What happened and what to do next.</param>
/// <param name="TraceId">W3C trace id to quote to support.</param>
/// <param name="Errors">Places in the request that are wrong, or null.</param>
/// <param name="Code">The last part of <paramref name="Type"/>, <c>noun.reason</c>: what programs branch on. Null where the answer did not come from this API.</param>
public sealed record Problem(string? Type, string? Title, int Status, string? Detail, string? TraceId, IReadOnlyList<ProblemError>? Errors = null, string? Code = null);

/// <summary>One place of a request that is wrong.</summary>
/// <param name="Pointer">JSON pointer into the body, or the name of a parameter or header.</param>
/// <param name="Detail">What is wrong, one sentence.</param>
public sealed record ProblemError(string Pointer, string Detail);
