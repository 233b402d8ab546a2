using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Sessions;

/// <summary>A node at whose console nobody could sign in ends at once and says which setting to make; its health answers where somebody can.</summary>
public sealed class ConsoleAuthorityTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Production", "", "", "set Countersign:Entra (docs/how-to/connect-entra.md), or Console:Authority")]
    [InlineData("Production", "false", "", "set Countersign:Entra (docs/how-to/connect-entra.md), or Console:Authority")]
    [InlineData("Production", "true", "", "set Countersign:Entra (docs/how-to/connect-entra.md), or Console:Authority")]
    [InlineData("Development", "false", "", "set Countersign:Entra (docs/how-to/connect-entra.md), or Console:Authority")]
    [InlineData("Production", "false", "http://login.example.com/", "use an address with https")]
    [InlineData("Production", "false", "login.example.com", "use the address of the identity provider")]
    public async Task A_console_at_which_nobody_could_sign_in_does_not_start(string environment, string local, string authority, string says)
    {
        await using var console = Node(environment, local, authority);
        using var http = new HttpClient { BaseAddress = console.Address };
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => console.StartAsync(http, Bound, Cancel));
        refused.Message.ShouldContain("exit code 2");
        refused.Message.ShouldContain(says);
        refused.Message.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("Production", "false", "https://login.example.com/")]
    [InlineData("Development", "", "")]
    public async Task A_console_with_an_authority_starts_before_the_authority_can_be_reached(string environment, string local, string authority)
    {
        await using var console = Node(environment, local, authority);
        using var http = new HttpClient { BaseAddress = console.Address };
        await console.StartAsync(http, Bound, Cancel);
        (await http.GetAsync(new Uri("health/live", UriKind.Relative), Cancel)).IsSuccessStatusCode.ShouldBeTrue();
        (await http.GetStringAsync(new Uri("sign-in", UriKind.Relative), Cancel)).ShouldContain("Continue with your organisation");
        // It has nothing to put away.
        await console.KillAsync();
    }

    private ServiceProcess Node(string environment, string local, string authority) =>
        new(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = environment,
            ["Countersign__Roles"] = "console",
            ["Countersign__DataFolder"] = folder.Path,
            ["Identity__Local__Enabled"] = local,
            ["Console__Authority"] = authority,
            ["Console__ApiAddress"] = "http://127.0.0.1:1/",
        });
}
