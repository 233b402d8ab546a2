using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace Countersign.Api.Http;

/// <summary>What a list was asked for.</summary>
/// <param name="Limit">Items per page, 1 to 200.</param>
/// <param name="After">Where the last page ended, or null on the first.</param>
internal readonly record struct PageRequest(int Limit, string[]? After);

/// <summary>Opaque cursors: sealed, and bound to tenant, route and filters, so that a changed or foreign one opens nothing.</summary>
internal sealed class Cursors(IDataProtectionProvider protection)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;
    public const int MaxLength = 2_000;

    /// <summary>Reads limit and cursor of a request.</summary>
    /// <returns>The page asked for, or what is wrong.</returns>
    public (PageRequest Page, ProblemAnswer? Problem) Read(HttpContext context, string tenantId)
    {
        var query = context.Request.Query;
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var asked)
            && (asked.Count != 1 || !int.TryParse(asked[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
            return (default, Problems.BadParameter("limit", $"send a whole number from 1 to {MaxLimit}."));
        if (!query.TryGetValue("cursor", out var cursor))
            return (new PageRequest(limit, null), null);
        var after = cursor.Count == 1 ? Open(cursor[0]!, context, tenantId) : null;
        return after is null
            ? (default, Problems.Of("request.cursor_invalid", "Use the cursor as 'next' gave it, for the same list and the same filters, or start again without one."))
            : (new PageRequest(limit, after), null);
    }

    /// <summary>Seals where a page ended.</summary>
    public string Seal(HttpContext context, string tenantId, params string[] after) =>
        WebEncoders.Base64UrlEncode(Protector(context, tenantId).Protect(JsonSerializer.SerializeToUtf8Bytes(after)));

    private string[]? Open(string cursor, HttpContext context, string tenantId)
    {
        if (cursor.Length > MaxLength)
            return null;
        try
        {
            return JsonSerializer.Deserialize<string[]>(Protector(context, tenantId).Unprotect(WebEncoders.Base64UrlDecode(cursor)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException or JsonException)
        {
            // Not ours, or ours for another tenant, list or filter: the caller gets one and the same 400.
            return null;
        }
    }

    private IDataProtector Protector(HttpContext context, string tenantId)
    {
        var filters = new StringBuilder();
        foreach (var (name, values) in context.Request.Query.Where(p => p.Key is not ("cursor" or "limit")).OrderBy(p => p.Key, StringComparer.Ordinal))
            filters.Append(name).Append('=').AppendJoin(',', values.ToArray()).Append('&');
        return protection.CreateProtector("cursor", tenantId, context.Request.Path.Value ?? "", filters.ToString());
    }
}
