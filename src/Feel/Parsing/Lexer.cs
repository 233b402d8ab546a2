using System.Globalization;
using System.Text;

namespace Countersign.Feel.Parsing;

internal enum TokenKind
{
    End,
    Number,
    String,
    At,
    Word,
    QuotedName,
    Sign,
    Unknown,
}

/// <summary>One piece of the text. <paramref name="Text"/> is the value of a string or name, else the piece itself.</summary>
internal readonly record struct Token(TokenKind Kind, int Position, int End, string Text)
{
    public bool Is(string sign) => Kind == TokenKind.Sign && string.Equals(Text, sign, StringComparison.Ordinal);

    public bool IsWord(string word) => Kind == TokenKind.Word && string.Equals(Text, word, StringComparison.Ordinal);
}

/// <summary>Cuts text into tokens, one at a time: where a token begins depends on the names that are known there.</summary>
internal sealed class Lexer(string text)
{
    private static readonly string[] Signs =
    [
        "**", "..", "!=", "<=", ">=", "->", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", "{", "}", ",", ":", ".",
    ];

    public string Text => text;

    /// <summary>Set when a string or comment does not end.</summary>
    public FeelDiagnostic? Problem { get; private set; }

    public Token Read(int at)
    {
        at = SkipBlanks(at);
        if (at >= text.Length)
            return new Token(TokenKind.End, text.Length, text.Length, "");
        var c = text[at];
        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            return ReadNumber(at);
        if (c == '"')
            return ReadString(at);
        if (c == '@')
            return ReadAt(at);
        if (c == '`')
            return ReadQuotedName(at);
        if (c == '?')
            return new Token(TokenKind.Word, at, at + 1, "?");
        if (FeelNames.IsStart(c))
            return ReadWord(at);
        foreach (var sign in Signs)
        {
            if (text.AsSpan(at).StartsWith(sign, StringComparison.Ordinal))
                return new Token(TokenKind.Sign, at, at + sign.Length, sign);
        }
        return new Token(TokenKind.Unknown, at, at + 1, c.ToString());
    }

    public int SkipBlanks(int at)
    {
        while (at < text.Length)
        {
            if (FeelNames.IsSpace(text[at]))
                at++;
            else if (text.AsSpan(at).StartsWith("//", StringComparison.Ordinal))
                at = text.AsSpan(at).IndexOfAny('\n', '\r') is >= 0 and var line ? at + line : text.Length;
            else if (text.AsSpan(at).StartsWith("/*", StringComparison.Ordinal))
                at = SkipComment(at);
            else
                break;
        }
        return at;
    }

    private int SkipComment(int at)
    {
        var end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
        if (end >= 0)
            return end + 2;
        Problem ??= new FeelDiagnostic(at, text.Length - at, "This comment has no end. Close it with '*/'.");
        return text.Length;
    }

    private Token ReadNumber(int at)
    {
        var end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        // Two dots belong to a range: 1..5.
        if (end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]))
        {
            end++;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
        }
        if (end < text.Length && text[end] is 'e' or 'E')
        {
            var exponent = end + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
                exponent++;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                end = exponent;
                while (end < text.Length && char.IsAsciiDigit(text[end]))
                    end++;
            }
        }
        return new Token(TokenKind.Number, at, end, text[at..end]);
    }

    private Token ReadWord(int at)
    {
        var end = at + 1;
        while (end < text.Length && FeelNames.IsPart(text[end]))
            end++;
        return new Token(TokenKind.Word, at, end, text[at..end]);
    }

    private Token ReadQuotedName(int at)
    {
        var end = at + 1;
        while (end < text.Length && (text[end] != '`' || (end + 1 < text.Length && text[end + 1] == '`')))
            end += text[end] == '`' ? 2 : 1;
        if (end >= text.Length)
        {
            Problem ??= new FeelDiagnostic(at, text.Length - at, "This name has no end. Close it with a backtick (`).");
            return new Token(TokenKind.QuotedName, at, text.Length, text[(at + 1)..]);
        }
        return new Token(TokenKind.QuotedName, at, end + 1, text[(at + 1)..end].Replace("``", "`", StringComparison.Ordinal));
    }

    private Token ReadAt(int at)
    {
        var quote = SkipBlanks(at + 1);
        if (quote >= text.Length || text[quote] != '"')
            return new Token(TokenKind.Unknown, at, at + 1, "@");
        var value = ReadString(quote);
        return value with { Kind = TokenKind.At, Position = at };
    }

    private Token ReadString(int at)
    {
        var value = new StringBuilder();
        var i = at + 1;
        while (i < text.Length && text[i] != '"')
        {
            if (text[i] == '\\' && i + 1 < text.Length)
                i = ReadEscape(i, value);
            else
                value.Append(text[i++]);
        }
        if (i >= text.Length)
        {
            Problem ??= new FeelDiagnostic(at, text.Length - at, "This text has no end. Close it with a quotation mark (\").");
            return new Token(TokenKind.String, at, text.Length, value.ToString());
        }
        return new Token(TokenKind.String, at, i + 1, value.ToString());
    }

    private int ReadEscape(int at, StringBuilder value)
    {
        var c = text[at + 1];
        var plain = c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', '"' => '"', '\'' => '\'', '\\' => '\\', _ => '\0' };
        if (plain != '\0')
        {
            value.Append(plain);
            return at + 2;
        }
        var digits = c switch { 'u' => 4, 'U' => 6, _ => 0 };
        if (digits > 0 && at + 2 + digits <= text.Length
            && int.TryParse(text.AsSpan(at + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && code <= 0x10FFFF)
        {
            if (code < 0x10000)
                value.Append((char)code);
            else
                value.Append(char.ConvertFromUtf32(code));
            return at + 2 + digits;
        }
        // An unknown escape stays as it is: regular expressions are full of them.
        value.Append('\\');
        return at + 1;
    }
}
