using System.Globalization;
using System.Text;

namespace Countersign.Domain.Trail;

/// <summary>The README of a bundle: what it is and how anyone verifies it.</summary>
public static class BundleReadme
{
    /// <summary>Makes the text.</summary>
    /// <param name="manifest">The manifest, its list of files aside.</param>
    /// <param name="key">The key that signs.</param>
    public static string Of(BundleManifest manifest, VerifierKey key)
    {
        var text = new StringBuilder();
        text.Append(string.Create(CultureInfo.InvariantCulture, $"""
            Export {manifest.Export} of tenant {manifest.Tenant}, made {manifest.Created.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC for {manifest.RequestedBy}.

            HOW TO VERIFY (no network, no account)
              countersign verify FILE.zip
              countersign verify FILE.zip --key VKEY --checkpoint OLDER

            --key        the service's public key as you got it by another way than this file.
                         This export is signed by
                         {key}
                         fingerprint {key.Fingerprint}
            --checkpoint a checkpoint you kept from earlier (log/<epoch>/checkpoints.jsonl or manifest of an older export): shows that
                         nothing was changed or removed since.

            Exit code 0: proven. 1: refused, with the first leaf that fails. 2: this is not a bundle that can be read.
            A second, independent verifier is verify.py of the project's documentation (Python 3, nothing to install).
            The format is described on the documentation's page "Trail format", closely enough to write a third one.

            WHAT IS IN IT
              manifest.json, manifest.note   every file with its SHA-256, and the signature over that list
              log/keys.txt                   public keys (C2SP signed-note)
              log/<epoch>/leaves.jsonl       the record of every leaf of the range, whatever the selection
              log/<epoch>/hashes.bin         the leaf hashes, 32 bytes each
              log/<epoch>/checkpoints.jsonl  signed tree heads (C2SP tlog-checkpoint)
              log/<epoch>/frontier.txt       roots over the leaves before the range
              log/<epoch>/consistency.txt    proof from the first to the last tree of the range (RFC 9162)
              events.jsonl                   the contents of the selected events, as stored
              decisions.jsonl, decisions.csv the decisions, for programs and for a spreadsheet
              dossiers/                      each decision as a page to read and print
              documents/                     documents, named by the SHA-256 of their content
              proofs/                        single proofs (C2SP tlog-proof), one for each decision

            RANGE

            """));
        foreach (var epoch in manifest.Epochs)
            text.Append(CultureInfo.InvariantCulture, $"  {epoch.Origin}: leaves {epoch.First} to {epoch.End - 1}\n");
        return text.ToString();
    }
}
