using System.Text.Json;

namespace Countersign.Feel.Values;

/// <summary>
/// A value of the FEEL language. Values are immutable and can be shared between threads. Equality by <see cref="Equals(FeelValue)"/>
/// is structural; FEEL's own <c>=</c>, which can be null, is <see cref="FeelComparison.AreEqual"/>.
/// </summary>
public abstract class FeelValue : IEquatable<FeelValue>
{
    private protected FeelValue(FeelKind kind) => Kind = kind;

    /// <summary>The one null.</summary>
    public static FeelValue Null => FeelNull.Instance;

    /// <summary>What stands for erased data: it acts as null, and looking it up leaves a warning.</summary>
    public static FeelValue Erased => FeelNull.ErasedInstance;

    /// <summary>The boolean true.</summary>
    public static FeelValue True => FeelBoolean.TrueValue;

    /// <summary>The boolean false.</summary>
    public static FeelValue False => FeelBoolean.FalseValue;

    /// <summary>Which kind of value this is.</summary>
    public FeelKind Kind { get; }

    /// <summary>Whether this is null.</summary>
    public bool IsNull => Kind == FeelKind.Null;

    /// <summary>Whether this is the boolean true.</summary>
    public bool IsTrue => ReferenceEquals(this, FeelBoolean.TrueValue);

    /// <summary>Whether this is the boolean false.</summary>
    public bool IsFalse => ReferenceEquals(this, FeelBoolean.FalseValue);

    /// <summary>A boolean.</summary>
    public static FeelValue From(bool value) => value ? FeelBoolean.TrueValue : FeelBoolean.FalseValue;

    /// <summary>A boolean, or null for no value.</summary>
    public static FeelValue From(bool? value) => value is { } known ? From(known) : Null;

    /// <summary>A number.</summary>
    public static FeelValue From(long value) => FeelNumber.From(value);

    /// <summary>A number, exact.</summary>
    public static FeelValue From(decimal value) => new FeelNumber(Decimal34.From(value));

    /// <summary>A string, or null for no string.</summary>
    public static FeelValue From(string? value) => value is null ? Null : new FeelString(value);

    /// <summary>
    /// Reads a JSON value: numbers keep up to 34 digits (those beyond 10^6144 are null), strings stay strings (dates are not guessed), half a
    /// surrogate pair becomes U+FFFD, of entries of one name the last counts. Never throws.
    /// </summary>
    /// <param name="element">The value; an undefined element is null, and so is what is nested deeper than 500 levels.</param>
    public static FeelValue FromJson(JsonElement element) => FeelJson.Read(element);

    /// <summary>
    /// Writes the value as JSON: JSON's own types without loss; dates, times and durations as their ISO 8601 text, ranges as FEEL
    /// text, functions as null.
    /// </summary>
    public JsonElement ToJson() => FeelJson.Write(this);

    /// <summary>
    /// How many characters the value has as text at least, known without writing it. A small value can be long: a list that holds one list twice, which holds another twice, and so on.
    /// </summary>
    public virtual long Size => 1;

    /// <inheritdoc />
    public abstract bool Equals(FeelValue? other);

    /// <inheritdoc />
    public sealed override bool Equals(object? obj) => obj is FeelValue other && Equals(other);

    /// <inheritdoc />
    public abstract override int GetHashCode();

    /// <summary>The value as FEEL text, as it could be written in an expression.</summary>
    public sealed override string ToString() => FeelText.Literal(this);
}

/// <summary>The kinds of FEEL values.</summary>
public enum FeelKind
{
    /// <summary>No value.</summary>
    Null,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A number of up to 34 digits.</summary>
    Number,

    /// <summary>Text.</summary>
    String,

    /// <summary>A calendar date.</summary>
    Date,

    /// <summary>A time of day, perhaps with a zone.</summary>
    Time,

    /// <summary>A date with a time, perhaps with a zone.</summary>
    DateTime,

    /// <summary>A duration in days, hours, minutes and seconds.</summary>
    DaysAndTimeDuration,

    /// <summary>A duration in years and months.</summary>
    YearsAndMonthsDuration,

    /// <summary>A list.</summary>
    List,

    /// <summary>Named entries.</summary>
    Context,

    /// <summary>An interval, also half open.</summary>
    Range,

    /// <summary>A function.</summary>
    Function,
}

/// <summary>The value null.</summary>
public sealed class FeelNull : FeelValue
{
    internal static readonly FeelNull Instance = new();
    internal static readonly FeelNull ErasedInstance = new();

    private FeelNull()
        : base(FeelKind.Null)
    {
    }

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelNull;

    /// <inheritdoc />
    public override int GetHashCode() => 0;
}

/// <summary>true or false; there are exactly two instances.</summary>
public sealed class FeelBoolean : FeelValue
{
    internal static readonly FeelBoolean TrueValue = new(true);
    internal static readonly FeelBoolean FalseValue = new(false);

    private FeelBoolean(bool value)
        : base(FeelKind.Boolean) => Value = value;

    /// <summary>The value.</summary>
    public bool Value { get; }

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => ReferenceEquals(this, other);

    /// <inheritdoc />
    public override int GetHashCode() => Value ? 1 : 2;
}

/// <summary>A number of up to 34 digits.</summary>
public sealed class FeelNumber(Decimal34 value) : FeelValue(FeelKind.Number)
{
    private static readonly FeelNumber[] Small = [.. Enumerable.Range(-16, 1041).Select(n => new FeelNumber(Decimal34.From(n)))];

    /// <summary>The value.</summary>
    public Decimal34 Value { get; } = value;

    /// <summary>A whole number; small ones are shared.</summary>
    public static new FeelNumber From(long value) => value is >= -16 and <= 1024 ? Small[value + 16] : new FeelNumber(Decimal34.From(value));

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelNumber number && number.Value == Value;

    /// <inheritdoc />
    public override int GetHashCode() => Value.GetHashCode();
}

/// <summary>Text. FEEL counts characters as Unicode code points.</summary>
public sealed class FeelString(string value) : FeelValue(FeelKind.String)
{
    /// <summary>The text.</summary>
    public string Value { get; } = value;

    /// <inheritdoc />
    public override long Size => Value.Length + 1;

    /// <inheritdoc />
    public override bool Equals(FeelValue? other) => other is FeelString text && string.Equals(text.Value, Value, StringComparison.Ordinal);

    /// <inheritdoc />
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);
}
