using System.Security.Cryptography;

namespace Countersign.Domain.Trail;

/// <summary>Passes bytes on, counting and hashing them on their way, in one direction.</summary>
internal sealed class HashingStream(Stream inner, Action<long, string>? finished = null) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;
    private bool _done;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => _length;

    public override long Position { get => _length; set => throw new NotSupportedException(); }

    /// <summary>Reads what is left and gives size and hash of the whole.</summary>
    public (long Size, string Sha256) Drain()
    {
        var buffer = new byte[81920];
        while (Read(buffer) > 0)
        {
        }
        return (_length, Convert.ToHexStringLower(_hash.GetCurrentHash()));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
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
