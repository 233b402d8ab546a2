namespace Countersign.Projections.Exports;

/// <summary>A file in pieces as a stream: read and sought without more than one piece in memory. Asynchronous only.</summary>
internal sealed class ExportStream(Func<int, CancellationToken, Task<byte[]>> read, long length) : Stream
{
    private int _piece = -1;
    private byte[] _bytes = [];
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => _position = value is >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.Length == 0)
            return 0;
        var piece = (int)(_position / ExportVault.PieceBytes);
        if (piece != _piece)
            (_bytes, _piece) = (await read(piece, cancellationToken), piece);
        var offset = (int)(_position % ExportVault.PieceBytes);
        var count = Math.Min(buffer.Length, _bytes.Length - offset);
        if (count <= 0)
            throw new IOException($"Piece {piece} of an export is shorter than the file says: restore it from a backup or ask for the export again.");
        _bytes.AsMemory(offset, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("An export is read asynchronously.");

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
