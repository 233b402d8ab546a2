using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Domain.Documents;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Tokens;

namespace Countersign.Workers.Documents;

/// <summary>What a PDF holds besides its page text: scripts, actions, hidden text, sentences that address a machine. Nothing of it is ever run;
/// a person is told.</summary>
internal static partial class PdfFindings
{
    /// <summary>Hidden characters below this number are tracking marks and artefacts of layout programs.</summary>
    private const int HiddenTolerated = 12;

    /// <summary>The checks a PDF adds to those of its fields.</summary>
    public static IEnumerable<InvoiceCheck> Checks(PdfDocument document, DocumentText text)
    {
        yield return HiddenText(text);
        yield return ActiveContent(document);
        yield return Instructions(text);
        if (text.FromImage)
            yield return new InvoiceCheck("recognised_text", CheckResult.Failed, "The text was recognised from a scanned image and may hold misread characters. Compare number, dates and amounts with the image.");
    }

    /// <summary>Whether the document is a dynamic form whose pages are drawn by a script language.</summary>
    public static bool IsXfa(PdfDocument document) =>
        Find(document, document.Structure.Catalog.CatalogDictionary, "AcroForm") is DictionaryToken form && form.ContainsKey(NameToken.Create("XFA"));

    private static InvoiceCheck HiddenText(DocumentText text)
    {
        if (text.HiddenCharacters <= HiddenTolerated)
            return new InvoiceCheck("hidden_text", CheckResult.Passed, "The pages hold no text that a person would not see.");
        var sample = text.HiddenText.Length <= 60 ? text.HiddenText : text.HiddenText[..60] + "...";
        return new InvoiceCheck("hidden_text", CheckResult.Failed, string.Create(CultureInfo.InvariantCulture,
            $"The pages hold {text.HiddenCharacters} characters that a person would not see (white, tiny, undrawn or off the page), beginning '{sample}'. They were not used; ask the sender why they are there."));
    }

    private static InvoiceCheck ActiveContent(PdfDocument document)
    {
        var found = Active(document).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return found.Count == 0
            ? new InvoiceCheck("active_content", CheckResult.Passed, "The PDF holds no scripts and no actions.")
            : new InvoiceCheck("active_content", CheckResult.Failed, $"The PDF holds {string.Join(", ", found)}; nothing of it was run. Do not open the original in a viewer that runs scripts, and ask the sender for a plain PDF.");
    }

    private static IEnumerable<string> Active(PdfDocument document)
    {
        var catalog = document.Structure.Catalog.CatalogDictionary;
        if (Find(document, catalog, "OpenAction") is DictionaryToken action)
            foreach (var name in ActionKinds(document, action))
                yield return name;
        if (catalog.ContainsKey(NameToken.Create("AA")))
            yield return "an automatic action";
        if (Find(document, catalog, "Names") is DictionaryToken names && names.ContainsKey(NameToken.Create("JavaScript")))
            yield return "JavaScript";
        if (IsXfa(document))
            yield return "an XFA form";
    }

    // A jump to a page when the document opens is harmless and common.
    private static IEnumerable<string> ActionKinds(PdfDocument document, DictionaryToken action) => (Find(document, action, "S") as NameToken)?.Data switch
    {
        "JavaScript" => ["JavaScript"],
        "Launch" => ["a command to start a program"],
        "URI" => ["an automatic call of a web address"],
        "SubmitForm" or "ImportData" => ["an automatic sending of data"],
        "GoTo" or null => [],
        var other => [$"an action of type {other}"],
    };

    private static InvoiceCheck Instructions(DocumentText text)
    {
        var whole = string.Join('\n', text.Pages.SelectMany(page => page.Runs).Select(run => run.Text)) + "\n" + text.HiddenText;
        var match = Commands().Match(whole.Length <= 400_000 ? whole : whole[..400_000]);
        return match.Success
            ? new InvoiceCheck("machine_instructions", CheckResult.Failed, $"The text addresses a machine ('{match.Value}'). It has no effect here; ask the sender why it is there and look at every field yourself.")
            : new InvoiceCheck("machine_instructions", CheckResult.Passed, "The text holds no sentence that addresses a machine.");
    }

    private static IToken? Find(PdfDocument document, DictionaryToken from, string name)
    {
        if (!from.TryGet(NameToken.Create(name), out var token))
            return null;
        return token is IndirectReferenceToken reference ? document.Structure.GetObject(reference.Data)?.Data : token;
    }

    [GeneratedRegex(@"(ignore|disregard|forget) (all |any |the |your )*(previous|prior|above|earlier) (instructions|rules|prompts?|policies)|approve (this|the) (invoice|payment)( immediately| automatically| without review)|as an ai( language)? model|system prompt|(mark|treat|set) this (invoice|document) as (approved|verified|paid)|ignorier\w* (alle |die )?(vorherigen|bisherigen|obigen) (anweisungen|regeln)|(diese )?rechnung (sofort|automatisch|ohne pr[uü]fung) (freigeben|genehmigen)|ignore[zr]? (toutes )?les instructions (pr[eé]c[eé]dentes|ci-dessus)|approuve[zr] (cette|la) facture|ignora (tutte )?le istruzioni precedenti|ignora (todas )?las instrucciones anteriores|忽略(之前|以上|所有)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Commands();
}
