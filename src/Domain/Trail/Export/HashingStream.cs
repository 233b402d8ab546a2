using System.Security.Cryptography;

namespace Countersign.Domain.Trail;

/// <summary>Passes bytes on, counting and hashing them on their way, in one direction.</summary>
internal sealed class HashingStream(Stream inner, Action<long, string>? finished = null, Action<Exception>? damaged = null) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;
    private bool _done;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => _length;

    public override long Position { get => _length; set => throw new NotSupportedException(); }

    /// <summary>Reads what is left, up to a limit of the whole, and gives size and hash of what was read.</summary>
    /// <param name="limit">Bytes after which nothing more is wanted: a small container can unfold to a very large file.</param>
    public (long Size, string Sha256) Drain(long limit)
    {
        var buffer = new byte[81920];
        while (_length <= limit && Read(buffer) > 0)
        {
        }
        return (_length, Convert.ToHexStringLower(_hash.GetCurrentHash()));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = 0;
        try
        {
            read = inner.Read(buffer);
        }
        catch (InvalidDataException e) when (damaged is not null)
        {
            // The container is damaged here: what could be read counts, and what follows will be missed by name.
            damaged(e);
        }
        _hash.AppendData(buffer[..read]);
        _length += read;
        return read;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _hash.AppendData(buffer);
        _length += buffer.Length;
    }

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_done)
        {
            _done = true;
            inner.Dispose();
            finished?.Invoke(_length, Convert.ToHexStringLower(_hash.GetCurrentHash()));
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }
}
