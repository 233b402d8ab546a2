using System.IO.Compression;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace Countersign.Workers.Documents;

/// <summary>A PDF unpacks to more than allowed.</summary>
internal sealed class PdfBombException() : Exception("The PDF unpacks to more than allowed.");

/// <summary>The library's filters with a limit on what they unpack to (500 KB of deflated zeros are 500 MB) and a place to stop on
/// cancellation. The library may swallow what a filter throws, so the finding is kept in <see cref="Exceeded"/> as well.</summary>
internal sealed class BoundedFilterProvider(long maxStreamBytes, long maxTotalBytes, CancellationToken cancellation) : IFilterProvider
{
    // Deflate expands at most about 1,032 times; smaller inputs cannot exceed the limit of one stream.
    private const int DeflateExpansion = 1040;

    private long total;

    /// <summary>Whether a limit was passed at any time.</summary>
    public bool Exceeded { get; private set; }

    public IReadOnlyList<IFilter> GetFilters(DictionaryToken dictionary) => Wrap(DefaultFilterProvider.Instance.GetFilters(dictionary));

    public IReadOnlyList<IFilter> GetNamedFilters(IReadOnlyList<NameToken> names) => Wrap(DefaultFilterProvider.Instance.GetNamedFilters(names));

    public IReadOnlyList<IFilter> GetAllFilters() => Wrap(DefaultFilterProvider.Instance.GetAllFilters());

    private IFilter[] Wrap(IReadOnlyList<IFilter> filters) => [.. filters.Select(filter => new BoundedFilter(this, filter))];

    private Memory<byte> Decode(IFilter inner, Memory<byte> input, DictionaryToken dictionary, IFilterProvider provider, int index)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Exceeded || (inner is FlateFilter && input.Length > maxStreamBytes / DeflateExpansion && InflatesBeyondLimit(input)))
            throw Exceed();
        var output = inner.Decode(input, dictionary, provider, index);
        total += output.Length;
        return output.Length > maxStreamBytes || total > maxTotalBytes ? throw Exceed() : output;
    }

    private PdfBombException Exceed()
    {
        Exceeded = true;
        return new PdfBombException();
    }

    private bool InflatesBeyondLimit(Memory<byte> input)
    {
        using var source = new ReadOnlyMemoryStream(input);
        using var inflater = new ZLibStream(source, CompressionMode.Decompress);
        var buffer = new byte[64 * 1024];
        var sum = 0L;
        try
        {
            int count;
            while ((count = inflater.Read(buffer)) > 0)
            {
                sum += count;
                if (sum > maxStreamBytes)
                    return true;
            }
        }
        catch (InvalidDataException)
        {
            // A broken stream ends here; the library's own filter decides what to do with the part before.
        }

        return false;
    }

    private sealed class BoundedFilter(BoundedFilterProvider owner, IFilter inner) : IFilter
    {
        public bool IsSupported => inner.IsSupported;

        public Memory<byte> Decode(Memory<byte> input, DictionaryToken streamDictionary, IFilterProvider filterProvider, int filterIndex) =>
            owner.Decode(inner, input, streamDictionary, filterProvider, filterIndex);
    }
}
