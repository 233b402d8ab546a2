using System.Globalization;
using System.Net.Mime;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Domain.Trail;
using Countersign.Workers.Trail;

namespace Countersign.Api.Trail;

internal sealed class GetTileEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/trail/tile/{level}/{**index}", Permission.TrailRead, Handle)
        .Produces<byte[]>(StatusCodes.Status200OK, MediaTypeNames.Application.Octet).WithTags("Trail")
        .WithSummary("A tile of hashes in the C2SP tlog-tiles form, such as tile/0/x001/x234/067 or tile/0/000.p/3");

    private static async Task<IResult> Handle(string level, string index, Call call, TrailReader trail)
    {
        var (number, records) = (0, level == "entries");
        if (!records && (!int.TryParse(level, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number > 63 || number.ToString(CultureInfo.InvariantCulture) != level))
            return Problems.BadParameter("level", "a tile's level is 0 to 63, without leading zeros, or 'entries' for the records under a tile of level 0.");
        if (!Tile.TryParse(index, number, out var tile))
            return Problems.BadParameter("index", "send groups of three digits, all but the last behind an x, and .p/ with a width of 1 to 255 for a partial tile: 067, x001/067 or 067.p/3.");
        var bytes = records ? await trail.Records(call.TenantId, tile, call.Cancellation) : await trail.Hashes(call.TenantId, tile, call.Cancellation);
        return bytes is null ? Problems.NotFound() : Results.Bytes(bytes, MediaTypeNames.Application.Octet);
    }
}
