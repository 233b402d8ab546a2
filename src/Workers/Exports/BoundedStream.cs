using Countersign.Workers.Trail.Exports;

namespace Countersign.Workers.Exports;

/// <summary>Passes writes on up to a limit; what goes beyond it ends the export with a sentence, before it fills the disk. The inner stream stays open.</summary>
internal sealed class BoundedStream(Stream inner, long limit) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => true;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (inner.Position + buffer.Length > limit)
            throw new ExportException($"The file would be larger than {limit / (1024 * 1024)} MB. Ask for shorter periods, one after the other, or have Countersign:Exports:MaximumMegabytes raised.");
        inner.Write(buffer);
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
