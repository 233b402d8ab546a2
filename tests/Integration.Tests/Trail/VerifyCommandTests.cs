using System.CommandLine;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Countersign.Cli.Trail;
using Countersign.Domain.Tests.Trail;
using Countersign.Domain.Trail;
using Shouldly;
using Spectre.Console;
using Xunit;

namespace Countersign.Integration.Tests.Trail;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("countersign-verify");
    private readonly BundleBuilder _builder = BundleBuilder.Random(42, 60);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_clean_export_ends_with_0_and_says_what_is_proven_and_what_is_not()
    {
        var (code, text) = Run(Save(_builder.Export()), "--key", _builder.Signer.Key.ToString());
        code.ShouldBe(0);
        text.ShouldStartWith("PROVEN");
        text.ShouldContain("60 leaves of trail.example.com/acmefinance (0 to 59)");
        text.ShouldContain("Not proven by this file:");
    }

    [Fact]
    public void A_changed_byte_ends_with_1_and_names_the_leaf()
    {
        var bundle = _builder.Export();
        var lines = Encoding.UTF8.GetString(bundle[BundleFormat.Events]).Split('\n');
        lines[12] = lines[12].Replace("12.50", "92.50", StringComparison.Ordinal);
        bundle[BundleFormat.Events] = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        var leaf = (EventLeaf)_builder.Leaves[12].Record;
        var (code, text) = Run(Save(bundle));
        code.ShouldBe(1);
        text.ShouldContain($"The first leaf that fails: leaf 12 of epoch 1 (stream {leaf.Stream}, version {leaf.Version}, {leaf.Type}).");
    }

    [Fact]
    public void The_report_can_be_read_by_programs()
    {
        var (code, text) = Run(Save(_builder.Export(first: 16)), "--json");
        code.ShouldBe(0);
        using var json = JsonDocument.Parse(text);
        json.RootElement.GetProperty("verdict").GetString().ShouldBe("proven");
        json.RootElement.GetProperty("leaves").GetInt64().ShouldBe(44);
    }

    [Fact]
    public void An_older_export_s_checkpoints_can_be_held_against_a_newer_one()
    {
        var held = Path.Combine(_folder.FullName, "checkpoints.jsonl");
        File.WriteAllBytes(held, _builder.Export()["log/1/checkpoints.jsonl"]);
        _builder.Grow(new Random(1), 20);
        var (code, text) = Run(Save(_builder.Export()), "--checkpoint", held);
        code.ShouldBe(0);
        text.ShouldContain("continues the checkpoint that you hold (size 60)");
        Run(Save(BundleBuilder.Random(43, 80).Export()), "--checkpoint", held).Text.ShouldContain("History was rewritten");
    }

    [Theory]
    [InlineData("")]
    [InlineData("PK\u0003\u0004 this only begins like a zip file")]
    [InlineData("a text")]
    public void What_is_no_export_ends_with_2(string content)
    {
        var path = Path.Combine(_folder.FullName, "not.zip");
        File.WriteAllText(path, content);
        Run(path).Code.ShouldBe(2);
        Run(Path.Combine(_folder.FullName, "absent.zip")).Code.ShouldBe(2);
        Run(Save(_builder.Export()), "--key", "nonsense").Code.ShouldBe(2);
    }

    [Fact]
    public void No_byte_of_the_zip_file_can_be_changed_so_that_other_contents_pass()
    {
        var path = Save(_builder.Export());
        var clean = File.ReadAllBytes(path);
        var random = new Random(5);
        for (var i = 0; i < 150; i++)
        {
            var bytes = clean.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, bytes);
            if (Run(path).Code == 0)
                Contents(bytes).ShouldBe(Contents(clean), "a changed container may pass only when every file in it is the same");
        }
    }

    private static Dictionary<string, string> Contents(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        return archive.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var stream = e.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(copy.ToArray()));
        }, StringComparer.Ordinal);
    }

    private string Save(MemoryBundle bundle)
    {
        var path = Path.Combine(_folder.FullName, "export.zip");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, bytes) in bundle.Content)
        {
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(bytes);
        }
        return path;
    }

    private static (int Code, string Text) Run(params string[] arguments)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 1000;
        var parsed = new RootCommand { VerifyCommand.Create(console) }.Parse(["verify", .. arguments]);
        parsed.Errors.ShouldBeEmpty();
        return (parsed.Invoke(), text.ToString());
    }
}
