using Countersign.Domain.Processes.Import;

namespace Countersign.Domain.Processes;

/// <summary>
/// What a text at the place of an expression means; every reader of a process asks here. It is FEEL with a leading <c>=</c>; JUEL where a file of the Camunda 7 family has it and where it
/// means the same; itself otherwise. In the zeebe dialect <c>${x}</c> is plain text, so JUEL is not told by its signs: the reader of the family's files marks it, with a character that no
/// XML file can hold.
/// </summary>
internal static class ExpressionText
{
    private const char Value = '\u0001';
    private const char Condition = '\u0002';

    /// <summary>Marks JUEL that <see cref="Juel.Read"/> understands.</summary>
    /// <param name="isCondition">Whether it must give true or false.</param>
    public static string Mark(string juel, bool isCondition) => (isCondition ? Condition : Value) + juel.Trim();

    /// <summary>Whether the text was marked as JUEL, and what it is.</summary>
    public static bool IsJuel(string text, out string juel, out bool isCondition)
    {
        isCondition = text.Length > 0 && text[0] == Condition;
        var isMarked = isCondition || (text.Length > 0 && text[0] == Value);
        juel = isMarked ? text[1..] : text;
        return isMarked;
    }

    /// <summary>Whether it is computed from variables, in whichever language.</summary>
    public static bool IsComputed(string text) => IsJuel(text, out _, out _) || text.TrimStart().StartsWith('=');
}
