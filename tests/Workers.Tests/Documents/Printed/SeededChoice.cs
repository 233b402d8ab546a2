namespace Countersign.Workers.Tests.Documents.Printed;

/// <summary>Choices that depend on the seed alone (SplitMix64): the same on every machine and in every version of the framework.</summary>
internal sealed class SeededChoice(int seed)
{
    private ulong state = (ulong)(uint)seed * 0x9E3779B97F4A7C15UL;

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15UL;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + (int)(Next() % (ulong)(high - low + 1));

    /// <summary>A number from 0 up to 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    public T Of<T>(IReadOnlyList<T> items) => items[Between(0, items.Count - 1)];

    public string Digits(int count) => string.Concat(Enumerable.Range(0, count).Select(i => (char)('0' + Between(i == 0 ? 1 : 0, 9))));
}
