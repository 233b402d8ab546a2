namespace Countersign.Workers.Tests.Documents.Printed;

/// <summary>Names, places and goods to choose from. All companies are invented.</summary>
internal static class Catalogue
{
    public static readonly (string Country, string[] Names, string[] Forms, (string PostCode, string City)[] Towns, string[] Streets)[] Places =
    [
        ("DE", ["Nordlicht Papier", "Brückner Metallbau", "Havelland Logistik", "Rhein-Main Bürobedarf", "Kieselstein IT-Service", "Lindenhof Catering", "Ostsee Elektro", "Schwarzwald Möbelwerk", "Alster Gebäudereinigung", "Falkenberg Druck"],
            ["GmbH", "GmbH & Co. KG", "AG", "KG"], [("20097", "Hamburg"), ("80331", "München"), ("50667", "Köln"), ("04109", "Leipzig"), ("70173", "Stuttgart"), ("28195", "Bremen")], ["Hafenstraße", "Industrieweg", "Lindenallee", "Am Marktplatz", "Gartenstraße"]),
        ("FR", ["Atelier Lumière", "Papeterie du Rhône", "Transports Garonne", "Conseil Beaulieu", "Imprimerie des Halles"], ["SARL", "SAS", "SA"], [("69002", "Lyon"), ("33000", "Bordeaux"), ("59800", "Lille"), ("44000", "Nantes")], ["rue de la Gare", "avenue Victor Hugo", "boulevard Carnot"]),
        ("NL", ["Zuiderzee Techniek", "De Linde Kantoor", "Maas Transport", "Tulp Schoonmaak"], ["B.V."], [("1012 AB", "Amsterdam"), ("3011 CD", "Rotterdam"), ("3511 EF", "Utrecht")], ["Keizersgracht", "Stationsplein", "Havenweg"]),
        ("IT", ["Officina Adriatica", "Carta Toscana", "Servizi Ponte Nuovo"], ["S.r.l.", "S.p.A."], [("20121", "Milano"), ("50122", "Firenze"), ("10121", "Torino")], ["Via Garibaldi", "Via Roma", "Corso Italia"]),
        ("ES", ["Suministros Levante", "Talleres del Ebro", "Papelera Mediterránea"], ["S.L.", "S.A."], [("28001", "Madrid"), ("08001", "Barcelona"), ("46001", "Valencia")], ["Calle Mayor", "Avenida del Puerto", "Calle Colón"]),
        ("IE", ["Liffey Office Supplies", "Shannon Networks", "Galway Bay Events"], ["Ltd"], [("D02 X285", "Dublin"), ("T12 K8AF", "Cork")], ["Merchants Quay", "Patrick Street", "Harbour Road"]),
    ];

    public static readonly (string Name, string Unit, decimal Low, decimal High)[] Goods =
    [
        ("Kopierpapier A4, 500 Blatt", "XPK", 3.90m, 6.20m), ("Toner black HC 6000", "H87", 58.00m, 129.00m), ("Office chair Ergo 3", "H87", 189.00m, 420.00m), ("Standing desk 160 x 80", "H87", 349.00m, 720.00m), ("Network switch 24 port", "H87", 210.00m, 560.00m),
        ("Consulting, senior", "HUR", 95.00m, 160.00m), ("Cleaning, per hour", "HUR", 24.00m, 38.00m), ("Transport, pallet", "H87", 45.00m, 140.00m), ("Catering, lunch", "H87", 9.50m, 24.00m), ("Monitor 27 inch", "H87", 179.00m, 460.00m),
        ("Cable CAT6 5 m", "H87", 4.20m, 9.80m), ("Laptop docking station", "H87", 95.00m, 240.00m), ("Notebook 14 inch", "H87", 780.00m, 1650.00m), ("Filing cabinet", "H87", 120.00m, 310.00m), ("Printing, brochure A5", "H87", 0.42m, 1.80m),
        ("Maintenance contract, month", "MON", 120.00m, 890.00m), ("Steel profile 40 x 40", "MTR", 6.40m, 14.90m), ("LED panel 60 x 60", "H87", 39.00m, 88.00m), ("Coffee beans", "KGM", 11.00m, 22.00m), ("Server rack 42 HE", "H87", 690.00m, 1480.00m),
    ];

    /// <summary>Tax rate of a domestic sale; sales from other member states are under reverse charge.</summary>
    public const decimal DomesticRate = 19m;
}
