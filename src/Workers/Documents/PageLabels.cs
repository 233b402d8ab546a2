using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Countersign.Workers.Documents;

/// <summary>What a printed label announces.</summary>
internal enum Hint
{
    /// <summary>Invoice number.</summary>
    Number,

    /// <summary>The buyer's order.</summary>
    Order,

    /// <summary>Any other identifier: customer, delivery note, article, contract.</summary>
    OtherId,

    /// <summary>Date of issue.</summary>
    IssueDate,

    /// <summary>Date payment is due.</summary>
    DueDate,

    /// <summary>Any other date: delivery, order, discount.</summary>
    OtherDate,

    /// <summary>Total without tax.</summary>
    Net,

    /// <summary>Tax.</summary>
    Tax,

    /// <summary>Total with tax.</summary>
    Gross,

    /// <summary>Already paid.</summary>
    Prepaid,

    /// <summary>Amount due.</summary>
    Payable,

    /// <summary>Sum of the lines.</summary>
    LineTotal,

    /// <summary>Any other amount: prices, allowances, tax basis, previous balance.</summary>
    OtherAmount,

    /// <summary>Currency.</summary>
    Currency,

    /// <summary>VAT number, of whom the place tells.</summary>
    Vat,

    /// <summary>VAT number of the buyer, said so.</summary>
    BuyerVat,

    /// <summary>Account to pay to.</summary>
    Iban,

    /// <summary>Heading of the seller's block.</summary>
    Seller,

    /// <summary>Heading of the buyer's block.</summary>
    Buyer,

    /// <summary>Heading of somebody else's block: delivery address, payee, tax representative.</summary>
    OtherParty,

    /// <summary>A name follows.</summary>
    Name,

    /// <summary>Head of a table column that no field is read from.</summary>
    Column,
}

/// <summary>A label found on a page.</summary>
/// <param name="Hint">What it announces.</param>
/// <param name="Strength">How surely, 0 to 1: "invoice number" says more than "date".</param>
/// <param name="Run">The run it stands in.</param>
/// <param name="First">Index of its first word in the run.</param>
/// <param name="Count">How many words it has.</param>
/// <param name="Area">Where it stands.</param>
internal sealed record PageLabel(Hint Hint, double Strength, PageRun Run, int First, int Count, Area Area);

/// <summary>Words by which invoices name their fields, in nine languages. No sender's own names: only words of the trade.</summary>
internal static class PageLabels
{
    // One line a hint and strength; phrases are normalised: lower case, no accents, no punctuation.
    private const string Table = """
        Number 1.0: rechnungsnummer; rechnungs nummer; rechnungs nr; rechnungsnr; rechnung nr; rechnung nummer; rg nr; re nr; invoice number; invoice no; invoice nr; invoice id; invoice num; tax invoice no; numero de facture; n de facture; n facture; facture n; facture no; facture numero; no facture; num facture; numero fattura; n fattura; fattura n; fattura nr; numero factura; n factura; factura n; num factura; factuurnummer; factuur nr; factuurnr; faktura nr; fakturanummer; fakturanr; numer faktury; numero da fatura; fatura n; gutschriftsnummer; gutschrift nr; credit note number; credit note no; numero d avoir; avoir n; nota di credito n; belegnummer; beleg nr; document number; document no
        Number 0.5: rechnung; invoice; facture; fattura; factura; factuur; faktura; fatura; nr; numero; invoice ref; reference facture; receipt no; receipt number; bill no; bill number
        Order 1.0: bestellnummer; bestell nr; bestellnr; bestellung nr; bestellung nummer; bestellung; ihre bestellung; ihre bestellnummer; ihre bestell nr; po number; po no; po; p o number; p o no; p o; purchase order; purchase order no; purchase order number; purchase order ref; order number; order no; order reference; your order; your order no; your po; customer po; customer order; bon de commande; n bon de commande; no bon de commande; n de bon de commande; n de commande; n commande; numero de commande; commande n; votre commande; ordine n; n ordine; numero ordine; ordine d acquisto; vostro ordine; pedido n; n pedido; numero de pedido; su pedido; bestelnummer; uw bestelling; ordernummer; order nr; ordrenummer; indkobsordre; innkjopsordre; er bestallning; numer zamowienia; nr zamowienia; zamowienie; numero da encomenda; encomenda n; auftrag ihre nr
        Order 0.6: ihre referenz; ihr zeichen; your reference; your ref; votre reference; vos references; vostro riferimento; su referencia; uw referentie; er referens; deres ref; auftragsnummer; auftrags nr; auftrag nr; order id; order
        OtherId 1.0: kundennummer; kunden nr; kundennr; ihre nummer; ihre kundennummer; debitorennummer; debitor nr; debitor; customer no; customer number; customer id; client no; client id; account number; account no; n client; n de client; numero client; code client; cliente n; codice cliente; n cliente; klantnummer; kundenummer; kundnummer; lieferscheinnummer; lieferschein nr; lieferschein; lieferavis; delivery note; delivery note no; n bon de livraison; n bon de reception; bon de livraison; lieferantennummer; lieferanten nr; vendor no; supplier no; vertragsnummer; vertrag nr; contract no; contract number; n contrat; contrat n; agreement ref; ref marche; projekt; projektnummer; project; ref projet; leasingnummer; kostenstelle; referenz bitte bei zahlung angeben; zahlungsreferenz; verwendungszweck; payment reference; reference avis de paiement; weitere referenz; kontonr; konto nr; kontonummer; blz; bic; swift; swift code; giro no; handelsreg; handelsregister; handelsregisternummer; hrb; siren; siret; siren siret; ape; naf; gln; gtin; ean; nummer; globale nummer; telefon; tel; phone; phone no; fax; fon; artikelnummer; art nr; n de facture associee; invoice reference; ref appel d offres; ref comptable; n bon de vente; service executant; mandatsreferenz; glaubiger id; mandate reference; registration number; reg no; company no; kvk; steuernummer; steuernr; steuer nr; tax id; tax number; tax no; codice fiscale; ust steuernr; booking id; quote no; angebotsnummer; angebot nr; offer no; package tracking no; abrechnungskreis; seite; page; no; vat identifier; cif; rcs; belegverfilmung
        IssueDate 1.0: rechnungsdatum; rechnungs datum; datum der rechnung; ausstellungsdatum; belegdatum; beleg datum; invoice date; date of invoice; date of issue; issue date; issued on; issued; bill date; date de facture; date de la facture; date facture; date d emission; data fattura; data della fattura; data di emissione; fecha de factura; fecha factura; fecha de emision; fecha de expedicion; factuurdatum; datum factuur; fakturadato; fakturadatum; data wystawienia; data da fatura; data de emissao; gutschriftsdatum; credit note date; tax point; document date
        IssueDate 0.6: datum; date; data; fecha; dato; den; rechnung vom; vom
        DueDate 1.0: fallig; fallig am; falligkeit; falligkeitsdatum; zahlbar bis; zahlbar bis zum; bitte uberweisen sie bis zum; bitte uberweisen sie bis; uberweisen sie bis zum; zahlung bis; zu zahlen bis; zahlungsziel; netto bis; tagen netto bis; zahlbar ohne abschlag bis; ohne abzug bis; due date; date due; payment due; payment due date; payment due by; due by; due on; pay by; payable by; amount due on; date d echeance; echeance; echeance le; a payer avant le; a regler avant le; date limite de paiement; scadenza; data scadenza; data di scadenza; vencimiento; fecha de vencimiento; fecha vencimiento; vervaldatum; vervaldag; te betalen voor; forfallsdato; forfaldsdato; forfall; forfallodatum; betales senest; termin platnosci; data de vencimento; vencimento
        OtherDate 1.0: leistungsdatum; lieferdatum; liefertermin; liefer und leistungsdatum; liefer leistungsdatum; leistungszeitraum; lieferzeitraum; liefer leistungszeitraum; abrechnungszeitraum; zeitraum; bestelldatum; bestellung vom; bestellung vom; auftragsdatum; lieferschein vom; skonto bis; skonto innerhalb; skonto; mit 2 skonto bis; delivery date; date of delivery; date of supply; supply date; shipment date; ship date; order date; date of order; billing period; period; service period; date de livraison; date livraison; date de commande; date de debut de prestation; date de fin de prestation; date debut; date fin; periode du; periode; date de facture associee; date of birth; data consegna; data ordine; fecha de entrega; fecha de pedido; leverdatum; besteldatum; leveringsdato; leveransdatum; ordredato; orderdatum; data dostawy; data sprzedazy; data de entrega; check in; check out; printed; druckdatum; stand; valid until; gultig bis; discount date; finanzrate vom; reglement; reglement date; previous invoice; ubergabe am; ruckgabe am; betriebskostenrechnung vom
        Net 1.0: nettobetrag; netto betrag; gesamtbetrag netto; gesamt netto; summe netto; nettosumme; netto summe; nettogesamtbetrag; rechnungssumme netto; rechnungssumme ohne ust; rechnungsbetrag netto; summe ohne ust; summe ohne mwst; zwischensumme netto; net total; total net; net amount; amount net; total net amount; total excl vat; total excluding vat; total ex vat; total excl tax; total excluding tax; total before tax; taxable amount; amount before tax; total ht; montant ht; total hors taxes; montant net ht; total net ht; imponibile; totale imponibile; base imponible; total sin iva; totaal excl btw; totaal exclusief btw; subtotaal; sum eks mva; netto totalt; total uten mva; razem netto; wartosc netto; total sem iva; total iliquido; netto eur; bemessungsgrundlage
        Net 0.8: subtotal; sub total; sous total; zwischensumme; netto; warenwert netto; nettowert; subtotale; total neto; suma netto; totaal netto; rechnungssumme netto excl ust
        Tax 1.0: steuerbetrag; steuerbetrag in; gesamtsteuerbetrag; steuersumme; summe steuer; ust gesamt; mwst gesamt; mwst betrag; ust betrag; umsatzsteuerbetrag; umsatzsteuer; mehrwertsteuer; zuzugl ust; zzgl ust; zuzuglich umsatzsteuer; zuzuglich mwst; zzgl mwst; zzgl umsatzsteuer; summe mwst; summe ust; total vat; vat total; vat amount; total tax; tax total; tax amount; sales tax; total gst; gst amount; total tva; montant tva; total taxes; total taxe; montant de la tva; totale iva; importo iva; imposta; totale imposta; cuota iva; total iva; importe iva; totaal btw; btw bedrag; btw totaal; sum mva; mva belop; moms; momsbelop; moms totalt; kwota vat; razem vat; iva; mwst eur
        Tax 0.6: ust; mwst; vat; tva; tax; btw; mva; gst; igst; steuerbasisbetrag ust
        Gross 1.0: bruttosumme; bruttobetrag; gesamtbetrag brutto; rechnungssumme brutto; rechnungsbetrag; rechnungsbetrag brutto; rechnungsendbetrag; gesamtsumme; gesamtbetrag; endsumme; endbetrag; gesamt brutto; summe brutto; brutto gesamt; summe inkl ust; summe inkl mwst; summe incl mwst; gesamtbetrag inkl mwst; gesamtbetrag inkl ust; brutto eur; summe gesamt; gross total; total gross; gross amount; total incl vat; total including vat; total inc vat; total incl tax; total including tax; total incl; total inc; total amount; invoice total; total invoice; total invoice amount; grand total; total with tax; total ttc; montant ttc; montant total ttc; total toutes taxes comprises; totale fattura; totale documento; totale complessivo; totale ivato; total factura; total con iva; importe total; totaal incl btw; totaal inclusief btw; totaalbedrag; factuurbedrag; totalbelop; sum inkl mva; total inkl moms; totalt; razem brutto; wartosc brutto; total com iva; total da fatura; amount total; rechnungssumme brutto inkl ust
        Gross 0.7: total; summe; gesamt; brutto; totale; totaal; razem; suma
        Payable 1.0: zahlbetrag; zahlbetrag in; zu zahlen; zu zahlender betrag; zu zahlender gesamtbetrag; falliger betrag; offener betrag; restbetrag; noch zu zahlen; forderungsbetrag; amount due; balance due; total due; amount payable; total payable; total amount due; net payable; please pay; balance; residual; outstanding amount; to pay; net a payer; solde a payer; reste a payer; montant a payer; montant du; solde du; totale da pagare; netto a pagare; da pagare; saldo; a pagar; total a pagar; importe a pagar; te betalen; te betalen bedrag; a betale; belop a betale; att betala; til betaling; do zaplaty; a pagar total; valor a pagar; uberweisungsbetrag
        Prepaid 1.0: erhaltene anzahlungen; anzahlung; anzahlungen; bereits bezahlt; bereits gezahlt; vorauszahlung; abschlagszahlung; abzuglich anzahlung; abzgl anzahlung; prepaid; prepaid amount; amount paid; paid; deposit; less deposit; down payment; advance payment; payments received; already paid; acompte; acomptes; acompte verse; deja paye; deja regle; acconto; anticipo; pagado; voorschot; reeds betaald; aanbetaling; forskudd; forudbetalt; zaplacono
        LineTotal 1.0: positionssumme; summe positionen; positionen netto; summe der positionen; warenwert gesamt; lines total; line total; total lines; total of lines; items total; items subtotal; total lignes
        OtherAmount 1.0: gesamtbetrag der zuschlage; gesamtbetrag der abschlage; gesamtbetrag der rabatte; rabatt; nachlass; zuschlag; abschlag; versandkosten; versandkosten netto; fracht; porto; shipping; freight; handling; discount; remise; charge; surcharge; basisbetrag; base; basis; base tva; base ht; warenwert; steuersatz; taux; previous balance; unpaid balance; credits; capital; sarl au capital de; au capital de; stammkapital; indemnite forfaitaire; skontobetrag; rounding; rundung; bruttolistenpreis; getlinetradeagreementbruttopreis; bruttopreis; einzelpreis; stuckpreis; price; unit price; prix unitaire; pu ht; exchange rate; umrechnungskurs; ust positionen; positionen ust; teilzahlung; franco de port
        Currency 1.0: wahrung; rechnungswahrung; betrage in; alle betrage in; currency; invoice currency; document currency; all amounts in; devise; monnaie; valuta; divisa; moneda; waluta; moeda
        Vat 1.0: ust idnr; ust id nr; ust id; ustid; ustidnr; ust identnr; ust ident nr; ust identifikationsnummer; umsatzsteuer id; umsatzsteuer identifikationsnummer; umsatzsteueridentnr; mwst nr; uid; uid nr; vat; vat no; vat number; vat id; vat reg no; vat registration no; vat registration number; vat identification number; vat id no; vat reg; tax registration number; tva; n tva; no tva; num tva; numero tva; n tva intracommunautaire; tva intracommunautaire; n de tva; numero de tva; id tva; partita iva; p iva; piva; p i; nif; nif iva; n iva; cif nif; btw; btw nr; btw nummer; btw id; mva nr; moms nr; momsnr; cvr; cvr nr; org nr; nip; contribuinte; vat tin
        BuyerVat 1.0: customer vat number; customer vat; customer vat no; your vat number; your vat no; your vat id; client vat; buyer vat; n tva client; tva client; tva du client; votre n tva; votre tva; ihre ust idnr; ihre ust id; ihre ust id nr; ust idnr kunde; ust id kunde; ust idnr des kunden; vat number of customer; partita iva cliente; p iva cliente; nif cliente; btw klant; uw btw nummer
        Iban 1.0: iban; iban nr; iban no; iban code; iban number; iban nummer; konto iban; compte iban; bankkonto; account iban
        Seller 1.0: verkaufer; rechnungssteller; rechnungsersteller; lieferant; seller; supplier; vendor; sold by; from; issued by; service provider; fournisseur; vendeur; emetteur; fornitore; cedente; cedente prestatore; venditore; vendedor; proveedor; emisor; leverancier; verkoper; selger; saelger; leverandor; saljare; sprzedawca; vendedor fornecedor; rechnungsaussteller; payee
        Buyer 1.0: kaufer; kaufer leistungsempfanger; rechnungsempfanger; leistungsempfanger; rechnungsadresse; rechnungsanschrift; kunde; auftraggeber; empfanger; buyer; bill to; billed to; invoice to; invoiced to; sold to; customer; customer name; client; billing address; bill to address; adresse du client; adresse client; vos identifiants; vos coordonnees; adresse de facturation; facture a; facturer a; acheteur; destinataire; cliente; acquirente; cessionario; cessionario committente; destinatario; spett le; facturar a; comprador; klant; factuuradres; koper; kjoper; kober; kopare; faktureres til; nabywca; cliente comprador; an
        OtherParty 1.0: lieferadresse; lieferanschrift; warenempfanger; abweichender warenempfanger; abweichender zahlungsempfanger; zahlungsempfanger; steuerbevollmachtigter des verkaufers; ship to; deliver to; shipping address; delivery address; service address; remit to; remit payment to; adresse de livraison; livraison; livraison adresse references; livre a; lieu de livraison; beneficiaire; representant fiscal; tax representative; indirizzo di consegna; luogo di consegna; direccion de entrega; afleveradres; leveringsadresse; leveransadress; adres dostawy; nos references; vos references; sales contact; contact commercial; contact; ansprechpartner; salesperson; bearbeiter; account holder; kontoinhaber; titulaire; kontoname; payment; bank; bankverbindung; bankverbindungen; banque; hotel details; references sur la facture
        Name 1.0: name; firma; nom; nome; nombre; naam; navn; namn; nazwa; raison sociale; company; company name; ragione sociale; denominazione
        Column 1.0: pos; position; menge; anzahl; qty; quantity; quantite; qte; quantita; cantidad; aantal; antall; antal; ilosc; beschreibung; bezeichnung; artikel; artikelbeschreibung; produkt; product; description; designation; item; article; descrizione; descripcion; omschrijving; beskrivelse; beskrivning; nazwa towaru; preis; nettopreis; preis einh; vk preis; rate; prix; prezzo; precio; prijs; pris; betrag; nettobetrag zeile; zeilenbetrag; amount; montant; importo; importe; bedrag; belop; gesamtpreis; gesamt; line amount; einheit; meng; unit; unite; u m; unidad; eenheid; enhet; usted; title; units; hours; stunden; art; art kategorie; code; code article; disc; rem; rabatt
        """;

    private static readonly FrozenDictionary<string, (Hint Hint, double Strength)[]> ByPhrase = Load();

    /// <summary>Words of the longest phrase.</summary>
    private const int LongestPhrase = 6;

    /// <summary>Lower case without accents and punctuation, words separated by single blanks: <c>N° TVA :</c> becomes <c>n tva</c>.</summary>
    public static string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text.Replace("ß", "ss", StringComparison.Ordinal).Replace("æ", "ae", StringComparison.OrdinalIgnoreCase))
        {
            if (TextFolding.IsMark(c))
                continue;
            var plain = TextFolding.Plain(c);
            if (char.IsLetterOrDigit(plain) && plain is not ('°' or 'º' or 'ª'))
                result.Append(char.ToLowerInvariant(plain));
            else if (result.Length > 0 && result[^1] != ' ')
                result.Append(' ');
        }

        return result.ToString().TrimEnd();
    }

    /// <summary>Labels in a run, longest first, without overlap; a phrase may announce several things.</summary>
    public static IEnumerable<PageLabel> Find(PageRun run)
    {
        var words = run.Words.Select(word => Normalize(word.Text)).ToList();
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i].Length == 0)
                continue;
            for (var count = Math.Min(LongestPhrase, words.Count - i); count > 0; count--)
            {
                var phrase = string.Join(' ', words.Skip(i).Take(count).Where(word => word.Length > 0));
                if (!ByPhrase.TryGetValue(phrase, out var meanings))
                    continue;
                var area = run.Words.Skip(i).Take(count).Select(word => word.Area).Aggregate((a, b) => a.Union(b));
                foreach (var (hint, strength) in meanings)
                    yield return new PageLabel(hint, strength, run, i, count, area);
                i += count - 1;
                break;
            }
        }
    }

    private static FrozenDictionary<string, (Hint, double)[]> Load()
    {
        var all = new Dictionary<string, List<(Hint, double)>>(StringComparer.Ordinal);
        foreach (var line in Table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':');
            var head = line[..colon].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var meaning = (Enum.Parse<Hint>(head[0]), double.Parse(head[1], CultureInfo.InvariantCulture));
            foreach (var phrase in line[(colon + 1)..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!all.TryGetValue(phrase, out var meanings))
                    all[phrase] = meanings = [];
                if (!meanings.Exists(known => known.Item1 == meaning.Item1))
                    meanings.Add(meaning);
            }
        }

        return all.ToFrozenDictionary(entry => entry.Key, entry => entry.Value.ToArray(), StringComparer.Ordinal);
    }
}
