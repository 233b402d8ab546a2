using System.Collections.Immutable;
using System.Security.Claims;
using Countersign.Domain.Tenants;

namespace Countersign.Api.Identity.Entra;

/// <summary>What a token that is signed, current and ours says; or why it is refused.</summary>
/// <param name="Tenant">The registered tenant, or null when none is known.</param>
/// <param name="Subject">Member id made of directory and object id, or null when the token names none.</param>
/// <param name="Program">Whether it is a program's own token.</param>
/// <param name="Roles">App roles, in our names.</param>
/// <param name="Groups">Directory groups, in our names.</param>
/// <param name="Refusal">The refusal, or null.</param>
internal sealed record EntraVerdict(EntraTenant? Tenant, string? Subject, bool Program, ImmutableArray<string> Roles, ImmutableArray<string> Groups, CredentialRefusal? Refusal)
{
    public EntraVerdict Refused(string code, string detail) => this with { Refusal = new CredentialRefusal(code, detail) };

    /// <summary>The person is of a registered directory, but no active member of its tenant.</summary>
    public EntraVerdict NoMember() => Refused("member.unknown",
        $"Your account is not an active member of {Tenant!.Name}. Ask an administrator of your organisation; the operator adds its object id {Guid.ParseExact(Subject![32..], "N"):D} to the members.");
}

/// <summary>Pure rules about the claims of Entra ID, after signature, issuer, lifetime and audience.</summary>
internal static class EntraRules
{
    /// <summary>The id of a person or program: directory and object id, 64 hexadecimal digits. E-mail addresses and names are reassigned; these never are.</summary>
    public static string IdOf(Guid directory, Guid objectId) => $"{directory:N}{objectId:N}";

    public static EntraVerdict OfAccessToken(ClaimsPrincipal user, EntraOptions options)
    {
        var who = Who(user, options);
        if (who.Refusal is not null)
            return who;
        var idtyps = user.FindAll("idtyp").Select(c => c.Value).ToList();
        var program = idtyps is ["app"];
        if (!program && idtyps is not ([] or ["user"]))
            return who.Refused("credential.invalid", "The token is neither a person's nor a program's (idtyp). Ask for a token of a user or of an application.");
        return program ? OfProgram(who with { Program = true }, user, options) : OfPerson(who, user, options);
    }

    /// <summary>Directory and person of any token, also of the id token of a sign-in.</summary>
    public static EntraVerdict Who(ClaimsPrincipal user, EntraOptions options)
    {
        var nobody = new EntraVerdict(null, null, false, [], [], null);
        if (One(user, "ver") != "2.0")
            return nobody.Refused("credential.invalid", "The token is not of version 2.0. Set requestedAccessTokenVersion to 2 in the manifest of the API's app registration.");
        if (!Guid.TryParseExact(One(user, "tid"), "D", out var directory))
            return nobody.Refused("credential.invalid", "The token names no directory (tid). Sign in with an account of an organisation.");
        if (directory == EntraOptions.PersonalAccounts)
            return nobody.Refused("directory.unknown", "Personal Microsoft accounts are not accepted. Sign in with your organisation's account.");
        if (One(user, "iss") != options.IssuerOf(directory))
            return nobody.Refused("credential.invalid", "The token's issuer is not that of its directory. Get a new token.");
        if (!options.Tenants.TryGetValue(directory, out var tenant))
            return nobody.Refused("directory.unknown", $"The directory {directory:D} is not connected to a tenant here. Ask the operator of this service to register it under {EntraOptions.Section}:Tenants.");
        if (!Guid.TryParseExact(One(user, "oid"), "D", out var person) || person == Guid.Empty)
            return (nobody with { Tenant = tenant }).Refused("credential.invalid", "The token names no object id (oid). Ask for a token with the scope profile.");
        var known = nobody with { Tenant = tenant, Subject = IdOf(directory, person) };
        return tenant.Enabled ? known : known.Refused("directory.closed", $"The tenant {tenant.Name} is closed. Ask the operator of this service.");
    }

    // A program works as an integrator and as nothing else; a person never does.
    private static EntraVerdict OfProgram(EntraVerdict who, ClaimsPrincipal user, EntraOptions options)
    {
        if (user.HasClaim(c => c.Type == "scp") || One(user, "sub") != One(user, "oid"))
            return who.Refused("credential.invalid", "The token is a person's and a program's at once. Get a new one with client credentials.");
        var roles = Roles(user, options).Where(r => r == Role.Integrator).ToImmutableArray();
        return roles.IsEmpty
            ? who.Refused("credential.insufficient", "The program has no app role of this service. Assign it a role that means integrator, with an administrator's consent, and get a new token.")
            : who with { Roles = roles };
    }

    private static EntraVerdict OfPerson(EntraVerdict who, ClaimsPrincipal user, EntraOptions options)
    {
        var scopes = user.FindAll("scp").ToList();
        // Without scp and idtyp it is neither: an id token for the same application looks like that.
        if (scopes is not [var scope] || scope.Value.Length == 0)
            return who.Refused("credential.invalid", "This is not an access token: it has no scope (scp), or it is a program's without the optional claim idtyp. An id token opens nothing here.");
        if (!scope.Value.Split(' ').Contains(options.Scope, StringComparer.Ordinal))
            return who.Refused("credential.insufficient", $"The token lacks the scope {options.Scope}. Ask for api://{options.ClientId}/{options.Scope}.");
        // Groups beyond some 200 are left out of the token. To take that for none would take rights away in silence.
        if (options.Groups.Count > 0 && HasTooManyGroups(user))
        {
            return who.Refused("credential.insufficient",
                "Your account is in more groups than a token can name. Ask an administrator to send only the groups that are assigned to the application, or to assign app roles instead.");
        }

        return who with { Roles = [.. Roles(user, options).Where(r => r != Role.Integrator)], Groups = Groups(user, options) };
    }

    private static IEnumerable<string> Roles(ClaimsPrincipal user, EntraOptions options) =>
        user.FindAll("roles").Select(c => options.Roles.GetValueOrDefault(c.Value)).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static ImmutableArray<string> Groups(ClaimsPrincipal user, EntraOptions options) =>
        [.. user.FindAll("groups").Select(c => options.Groups.GetValueOrDefault(c.Value)).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static bool HasTooManyGroups(ClaimsPrincipal user) =>
        user.HasClaim(c => (c.Type == "_claim_names" && c.Value.Contains("\"groups\"", StringComparison.Ordinal)) || (c.Type == "hasgroups" && c.Value is "true" or "True"));

    private static string? One(ClaimsPrincipal user, string type) => user.FindAll(type).Take(2).ToList() is [var only] ? only.Value : null;
}
