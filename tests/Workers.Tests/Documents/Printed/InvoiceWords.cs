using System.Globalization;

namespace Countersign.Workers.Tests.Documents.Printed;

/// <summary>The words of an invoice in a vendor's language, and how it writes numbers and dates.</summary>
internal sealed record InvoiceWords(
    string Title, string Number, string Date, string Due, string Order, string Customer, string Name, string Quantity, string Unit, string Price, string Amount,
    string Net, string Tax, string Gross, string Payment, string VatId, string Seller, string Buyer, string ReverseCharge, string DateFormat, char Decimal, char Group)
{
    private static readonly InvoiceWords German = new("Rechnung", "Rechnungsnummer", "Rechnungsdatum", "Zahlbar bis", "Bestellnummer", "Kundennummer", "Bezeichnung", "Menge", "Einheit", "Einzelpreis", "Betrag",
        "Nettobetrag", "Umsatzsteuer", "Gesamtbetrag", "Bitte überweisen Sie auf das folgende Konto.", "USt-IdNr.", "Verkäufer", "Rechnungsempfänger", "Steuerschuldnerschaft des Leistungsempfängers", "dd.MM.yyyy", ',', '.');

    private static readonly InvoiceWords French = new("Facture", "Numéro de facture", "Date de facture", "Date d'échéance", "N° de commande", "N° client", "Désignation", "Quantité", "Unité", "Prix unitaire", "Montant",
        "Total HT", "Total TVA", "Total TTC", "Merci de régler par virement sur le compte suivant.", "N° TVA", "Vendeur", "Client", "Autoliquidation de la TVA", "dd/MM/yyyy", ',', ' ');

    private static readonly InvoiceWords Dutch = new("Factuur", "Factuurnummer", "Factuurdatum", "Vervaldatum", "Bestelnummer", "Klantnummer", "Omschrijving", "Aantal", "Eenheid", "Prijs", "Bedrag",
        "Totaal excl. btw", "Btw bedrag", "Totaal incl. btw", "Gelieve te betalen op de volgende rekening.", "Btw-nr.", "Verkoper", "Klant", "Btw verlegd", "dd-MM-yyyy", ',', '.');

    private static readonly InvoiceWords Italian = new("Fattura", "Numero fattura", "Data fattura", "Data scadenza", "Numero ordine", "Codice cliente", "Descrizione", "Quantità", "Unità", "Prezzo", "Importo",
        "Totale imponibile", "Totale IVA", "Totale fattura", "Si prega di pagare sul seguente conto.", "Partita IVA", "Venditore", "Cliente", "Inversione contabile", "dd/MM/yyyy", ',', '.');

    private static readonly InvoiceWords Spanish = new("Factura", "Número de factura", "Fecha de factura", "Fecha de vencimiento", "Número de pedido", "N° cliente", "Descripción", "Cantidad", "Unidad", "Precio", "Importe",
        "Base imponible", "Cuota IVA", "Total factura", "Rogamos pago a la siguiente cuenta.", "NIF", "Vendedor", "Cliente", "Inversión del sujeto pasivo", "dd/MM/yyyy", ',', '.');

    private static readonly InvoiceWords English = new("Invoice", "Invoice number", "Invoice date", "Due date", "Purchase order", "Customer number", "Description", "Quantity", "Unit", "Unit price", "Amount",
        "Net total", "VAT total", "Total amount", "Please pay to the following account.", "VAT number", "Seller", "Bill to", "Reverse charge", "dd MMMM yyyy", '.', ',');

    /// <summary>The words of a country; English for countries without their own.</summary>
    public static InvoiceWords Of(string country) => country switch
    {
        "DE" => German,
        "FR" => French,
        "NL" => Dutch,
        "IT" => Italian,
        "ES" => Spanish,
        _ => English,
    };

    public string Write(DateOnly date) => date.ToString(DateFormat, CultureInfo.InvariantCulture);

    public string Write(decimal amount) => Marks(amount.ToString("#,##0.00", CultureInfo.InvariantCulture));

    public string WriteQuantity(decimal quantity) => Marks(quantity.ToString("#,##0.##", CultureInfo.InvariantCulture));

    private string Marks(string invariant) => string.Concat(invariant.Select(c => c switch
    {
        ',' => Group,
        '.' => Decimal,
        _ => c,
    }));
}
