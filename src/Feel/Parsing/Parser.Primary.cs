using Countersign.Feel.Evaluation;
using Countersign.Feel.Functions;
using Countersign.Feel.Values;

namespace Countersign.Feel.Parsing;

/// <summary>What binds tightest: literals, names, brackets, and what follows them.</summary>
internal sealed partial class Parser
{
    private Node Primary()
    {
        if (_seed is { } seed)
        {
            _seed = null;
            return seed;
        }
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Number:
                Advance();
                if (Decimal34.TryParse(token.Text, out var number))
                    return new Literal(new FeelNumber(number)).At(token.Position, token.End);
                Error(token, $"'{token.Text}' is too large to be a number.");
                return new Unreadable().At(token.Position, token.End);
            case TokenKind.String:
                Advance();
                return new Literal(new FeelString(token.Text)).At(token.Position, token.End);
            case TokenKind.At:
                Advance();
                return new Literal(Conversions.ParseTemporal(token.Text) ?? FeelValue.Null, token.Text).At(token.Position, token.End);
            case TokenKind.QuotedName:
                Advance();
                return new Name(token.Text).At(token.Position, token.End);
            case TokenKind.Word:
                return Word(token);
            case TokenKind.Sign when token.Text == "(":
                return Parenthesis(token);
            case TokenKind.Sign when token.Text is "[" or "]":
                return Bracket(token);
            case TokenKind.Sign when token.Text == "{":
                return ContextOf(token);
            default:
                return Missing(token);
        }
    }

    private Node Missing(Token token)
    {
        Error(token, token.Kind == TokenKind.End
            ? "The expression ends too early: a value is missing here."
            : token.Kind == TokenKind.Unknown && token.Text is "'" or "\u201C" or "\u201D" or "\u201E"
                ? "Texts are written in straight quotation marks: \"like this\"."
                : $"A value is expected here instead of '{Shown(token)}'.");
        // Closing signs and words that go on with the sentence are left for who waits for them.
        if (token.Kind == TokenKind.Unknown || (token.Kind == TokenKind.Sign && token.Text is "*" or "/" or "**" or ":" or "." or "->" or "+"))
        {
            Advance();
            if (_token.Kind is TokenKind.Number or TokenKind.String or TokenKind.At)
                return Primary();
        }
        return new Unreadable().At(token.Position, token.End);
    }

    private Node Word(Token token)
    {
        switch (token.Text)
        {
            case "true" or "false" or "null" when _names.Longest(_lexer.Text, token.Position, out _) is null:
                Advance();
                return new Literal(token.Text == "null" ? FeelValue.Null : FeelValue.From(token.Text == "true")).At(token.Position, token.End);
            case "if":
                return If(token);
            case "for":
                return For(token);
            case "some" or "every" when !_lexer.Read(token.End).Is("("):
                return Quantifier(token);
            case "function" when _lexer.Read(token.End).Is("("):
                return FunctionLiteral(token);
        }
        if (FeelNames.IsReserved(token.Text) && _names.Longest(_lexer.Text, token.Position, out _) is null)
        {
            Error(token, $"A value is expected here instead of the word '{token.Text}'.");
            return new Unreadable().At(token.Position, token.End);
        }
        var name = ReadName();
        if (name == "?")
            _usesInput = true;
        return new Name(name).At(token.Position, _lastEnd);
    }

    // The longest known name, else all words in a row.
    private string ReadName()
    {
        var start = _token;
        var known = LongestKnown(start.Position, out var end);
        if (known is not null && end > start.End)
        {
            MoveTo(end);
            return known;
        }
        if (start.Kind == TokenKind.QuotedName)
        {
            Advance();
            return start.Text;
        }
        Advance();
        if (start.Text == "?")
            return "?";
        var name = start.Text;
        while (_token.Kind == TokenKind.Word && _token.Text != "?" && !FeelNames.IsReserved(_token.Text) && !(_token.Text == "of" && name == "instance"))
        {
            if (LongestKnown(_token.Position, out var next) is { } tail && next > _token.End)
            {
                name += " " + tail;
                MoveTo(next);
                continue;
            }
            name += " " + _token.Text;
            Advance();
        }
        return name;
    }

    // 'date and time' is a function's name only where it is called or passed on; elsewhere it may be 'date' and 'time'.
    private string? LongestKnown(int at, out int end)
    {
        var known = _names.Longest(_lexer.Text, at, out end);
        if (known is "date and time" or "years and months duration" && !_lexer.Read(end).Is("(") && !_options.Names.Contains(known))
            return null;
        return known;
    }

    private Node Parenthesis(Token open)
    {
        Advance();
        if (ComparatorAt(_token) is { } comparator)
        {
            Advance();
            var end = Sum();
            Expect(")");
            return new OpenRange(comparator, end).At(open.Position, _lastEnd);
        }
        var node = Expression();
        if (_token.Is(".."))
            return RangeAfter(open, node, startIncluded: false);
        Expect(")");
        return node;
    }

    private Node Bracket(Token open)
    {
        Advance();
        if (open.Text == "]")
        {
            var start = Expression();
            if (_token.Is(".."))
                return RangeAfter(open, start, startIncluded: false);
            Error(open, "']' is not expected here: there is no '[' before it.");
            return start;
        }
        if (Take("]"))
            return new ListLiteral([]).At(open.Position, _lastEnd);
        var first = ListItem();
        if (_token.Is(".."))
            return RangeAfter(open, first, startIncluded: true);
        var items = new List<Node> { first };
        while (Take(","))
            items.Add(ListItem());
        Expect("]");
        return new ListLiteral([.. items]).At(open.Position, _lastEnd);
    }

    private Node ListItem()
    {
        if (ComparatorAt(_token) is not { } comparator)
            return Expression();
        var start = _token.Position;
        Advance();
        return new OpenRange(comparator, Sum()).At(start, _lastEnd);
    }

    // The closing '[' of an open range looks like the beginning of a filter: try the filter first, then go without.
    private Node RangeAfter(Token open, Node start, bool startIncluded)
    {
        Advance();
        var before = _token;
        var errors = _errors.Count;
        var filter = _sawFilter;
        _sawFilter = false;
        var end = Sum();
        var retry = _sawFilter;
        _sawFilter |= filter;
        if (retry && (!(_token.Is("]") || _token.Is(")") || _token.Is("[")) || _errors.Count > errors))
        {
            var (token, found, last) = (_token, _errors.Skip(errors).ToArray(), _lastEnd);
            _errors.RemoveRange(errors, _errors.Count - errors);
            Rewind(before);
            _noFilter = true;
            end = Sum();
            _noFilter = false;
            if (!_token.Is("["))
            {
                _errors.RemoveRange(errors, _errors.Count - errors);
                _errors.AddRange(found);
                (_token, _lastEnd) = (token, last);
            }
        }
        var endIncluded = _token.Is("]");
        if (!Take("]") && !Take(")") && !Take("["))
            Error(_token, "This range has no end. Close it with ']' or ')'.");
        return new RangeLiteral(start, startIncluded, end, endIncluded).At(open.Position, _lastEnd);
    }

    private Node ContextOf(Token open)
    {
        Advance();
        var names = new List<string>();
        var values = new List<Node>();
        if (!_token.Is("}"))
        {
            do
            {
                var key = _token;
                var name = Key();
                if (name is null)
                {
                    Error(key, "An entry of a context begins with its name and a colon, as in: {amount: 5}.");
                    break;
                }
                Expect(":");
                _names.Add(name);
                names.Add(name);
                values.Add(Expression());
            }
            while (Take(","));
        }
        Expect("}");
        return new ContextLiteral([.. names], [.. values]).At(open.Position, _lastEnd);
    }

    // A key may be any text up to the colon.
    private string? Key()
    {
        if (_token.Kind is TokenKind.String or TokenKind.QuotedName)
        {
            var text = _token.Text;
            Advance();
            return text;
        }
        return RawName(":");
    }

    /// <summary>A name of a declaration: everything up to one of the ending signs; null when there is none.</summary>
    private string? RawName(string ends)
    {
        var start = _token.Position;
        if (_token.Kind != TokenKind.Word)
            return null;
        var token = _token;
        while (token.Kind == TokenKind.Word || token.Kind == TokenKind.Number || (token.Kind == TokenKind.Sign && token.Text is "+" or "-" or "*" or "/" or "." or "**")
            || (token.Kind == TokenKind.Unknown && token.Text == "'"))
            token = _lexer.Read(token.End);
        if (token.Kind != TokenKind.Sign || !ends.Contains(token.Text, StringComparison.Ordinal))
            return null;
        var name = FeelNames.Normalize(_lexer.Text.AsSpan(start, token.Position - start));
        MoveTo(token.Position);
        return name;
    }

    private Node Postfix(Node node)
    {
        while (true)
        {
            if (_token.Is("("))
                node = CallOf(node);
            else if (_token.Is("[") && !_noFilter)
                node = FilterOf(node);
            else if (_token.Is("."))
                node = PathOf(node);
            else
                return node;
            if (IsTooTall(node))
                return node;
        }
    }

    private Node PathOf(Node target)
    {
        Advance();
        if (_token.Kind is not (TokenKind.Word or TokenKind.QuotedName))
        {
            Error(_token, "A name is expected after the point.");
            return target;
        }
        return new Evaluation.Path(target, ReadName()).At(target.Position, _lastEnd);
    }

    private Node FilterOf(Node target)
    {
        _sawFilter = true;
        Advance();
        var outer = _usesInput;
        var condition = ComparatorAt(_token) is null ? Expression() : ListItem();
        _usesInput |= outer;
        Expect("]");
        return new Filter(target, condition).At(target.Position, _lastEnd);
    }

    private Node CallOf(Node target)
    {
        Advance();
        var names = new List<string>();
        var values = new List<Node>();
        if (!_token.Is(")"))
        {
            do
            {
                if (ArgumentName() is { } name)
                {
                    names.Add(name);
                    Expect(":");
                }
                values.Add(ComparatorAt(_token) is null ? Expression() : ListItem());
            }
            while (Take(","));
        }
        var close = _token;
        Expect(")");
        if (names.Count > 0 && names.Count != values.Count)
            Error(close, "Either all arguments have names or none.");
        return new Call(target, names.Count > 0 ? [.. names] : null, [.. values]).At(target.Position, _lastEnd);
    }

    private string? ArgumentName()
    {
        if (_token.Kind == TokenKind.QuotedName && _lexer.Read(_token.End).Is(":"))
        {
            var name = _token.Text;
            Advance();
            return name;
        }
        return RawName(":");
    }
}
