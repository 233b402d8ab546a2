namespace Countersign.Domain.Trail;

/// <summary>Reads lines that end in a newline, of bounded length, without copying them.</summary>
internal sealed class LineReader(Stream stream, int maximumLength)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>Why reading stopped before the end of the file, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Gives the next line without its newline; valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        line = default;
        var searched = 0;
        while (Problem is null)
        {
            var newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = _buffer.AsSpan(_start, searched + newline);
                _start += searched + newline + 1;
                return true;
            }
            searched = _end - _start;
            if (searched > maximumLength)
                Problem = $"a line is longer than {maximumLength} bytes";
            else if (!Fill() && searched > 0)
                Problem = "the last line does not end in a newline: the file was cut off";
            else if (_end - _start == searched)
                return false;
        }
        return false;
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
