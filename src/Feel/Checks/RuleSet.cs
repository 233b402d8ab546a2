namespace Countersign.Feel.Checks;

/// <summary>A set of a table's rules, by position; equal by content.</summary>
internal readonly struct RuleSet : IEquatable<RuleSet>
{
    private const int Word = 64;

    private readonly ulong[] _bits;

    private RuleSet(ulong[] bits) => _bits = bits;

    public static RuleSet None(int rules) => new(new ulong[(rules + Word - 1) / Word]);

    public static RuleSet Of(int rules, Func<int, bool> holds)
    {
        var set = None(rules);
        for (var i = 0; i < rules; i++)
        {
            if (holds(i))
                set._bits[i / Word] |= 1UL << (i % Word);
        }
        return set;
    }

    public bool IsEmpty => Array.TrueForAll(_bits, word => word == 0);

    public bool Contains(int rule) => (_bits[rule / Word] & (1UL << (rule % Word))) != 0;

    public RuleSet And(RuleSet other)
    {
        var bits = new ulong[_bits.Length];
        for (var i = 0; i < bits.Length; i++)
            bits[i] = _bits[i] & other._bits[i];
        return new RuleSet(bits);
    }

    public bool Equals(RuleSet other) => _bits.AsSpan().SequenceEqual(other._bits);

    public override bool Equals(object? obj) => obj is RuleSet other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var word in _bits)
            hash.Add(word);
        return hash.ToHashCode();
    }
}
