using System.Collections.Immutable;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Types;

namespace Countersign.Feel.Parsing;

/// <summary>Clauses that begin with a word, and types.</summary>
internal sealed partial class Parser
{
    private Node If(Token start)
    {
        Advance();
        var condition = Expression();
        ExpectWord("then");
        var then = Expression();
        ExpectWord("else");
        return new Conditional(condition, then, Expression()).At(start.Position, _lastEnd);
    }

    private Node For(Token start)
    {
        Advance();
        var iterations = ReadIterations("return");
        _names.Add("partial");
        ExpectWord("return");
        return new ForLoop(iterations, Expression()).At(start.Position, _lastEnd);
    }

    private Node Quantifier(Token start)
    {
        Advance();
        var iterations = ReadIterations("satisfies");
        ExpectWord("satisfies");
        return new Quantified(start.Text == "some", iterations, Expression()).At(start.Position, _lastEnd);
    }

    private Iteration[] ReadIterations(string next)
    {
        var iterations = new List<Iteration>();
        do
        {
            var name = "";
            if (_token.Kind is TokenKind.Word or TokenKind.QuotedName && !FeelNames.IsReserved(_token.Text))
                name = ReadName();
            else
                Error(_token, $"A name is expected here, as in: {(next == "return" ? "for" : "some")} x in list {next} x > 1.");
            _names.Add(name);
            ExpectWord("in");
            var from = Expression();
            iterations.Add(new Iteration(name, from, Take("..") ? Expression() : null));
        }
        while (Take(","));
        return [.. iterations];
    }

    private Node FunctionLiteral(Token start)
    {
        Advance();
        Advance();
        var parameters = new List<Parameter>();
        if (!_token.Is(")"))
        {
            do
            {
                var at = _token;
                var name = _token.Kind == TokenKind.QuotedName ? ReadName() : RawName(":,)");
                if (name is null)
                {
                    Error(at, "A parameter's name is expected here, as in: function(a, b) a + b.");
                    break;
                }
                _names.Add(name);
                parameters.Add(new Parameter(name, Take(":") ? Type() : null));
            }
            while (Take(","));
        }
        Expect(")");
        var isExternal = TakeWord("external");
        return new FunctionLiteral([.. parameters], Expression(), isExternal).At(start.Position, _lastEnd);
    }

    /// <summary>The type a text names; null when it is none.</summary>
    public static FeelType? TypeOf(string text)
    {
        var parser = new Parser(text, FeelCompileOptions.Default);
        var type = parser.Type();
        parser.Finish();
        return parser._errors.Count == 0 ? type : null;
    }

    private FeelType Type()
    {
        if (++_depth > DeepestNesting)
        {
            Error(_token, $"The type is nested deeper than {DeepestNesting} levels.");
            _token = _lexer.Read(_lexer.Text.Length);
            _depth--;
            return FeelType.Any;
        }
        var type = ReadType();
        _depth--;
        return type;
    }

    private FeelType ReadType()
    {
        var start = _token;
        if (start.Kind is not (TokenKind.Word or TokenKind.QuotedName))
        {
            Error(start, "A type is expected here, such as number, string or list<number>.");
            return FeelType.Any;
        }
        var name = TypeName();
        if (_token.Is("<") && name is "list" or "range" or "context" or "function")
        {
            Advance();
            return name switch
            {
                "list" => new ListType(LastArgument()),
                "range" => new RangeType(LastArgument()),
                "context" => new ContextType(ContextEntries()),
                _ => FunctionTypeRest(),
            };
        }
        if (FeelType.FromName(name) is { } simple)
            return simple;
        if (_options.ModelTypes is { } types && types.TryGetValue(name, out var defined))
            return defined;
        Error(start with { End = _lastEnd }, $"There is no type '{name}'.");
        return FeelType.Any;
    }

    private string TypeName()
    {
        foreach (var known in (ReadOnlySpan<string>)["date and time", "years and months duration", "days and time duration"])
        {
            var probe = new FeelNames();
            probe.Add(known);
            if (probe.Longest(_lexer.Text, _token.Position, out var end) is not null)
            {
                MoveTo(end);
                return known;
            }
        }
        if (_options.ModelTypes is { } types)
        {
            var probe = new FeelNames();
            foreach (var type in types.Keys)
                probe.Add(type);
            if (probe.Longest(_lexer.Text, _token.Position, out var end) is { } found)
            {
                MoveTo(end);
                return found;
            }
        }
        var name = _token.Text;
        Advance();
        while (_token.Is(".") || (_token.Kind == TokenKind.Word && !FeelNames.IsReserved(_token.Text) && _token.Text != "instance"))
        {
            name += _token.Is(".") ? "." : (name[^1] == '.' ? "" : " ") + _token.Text;
            Advance();
        }
        return name;
    }

    private FeelType LastArgument()
    {
        var type = Type();
        Expect(">");
        return type;
    }

    private ImmutableArray<(string Name, FeelType Type)> ContextEntries()
    {
        var entries = ImmutableArray.CreateBuilder<(string, FeelType)>();
        if (!_token.Is(">"))
        {
            do
            {
                var name = _token.Kind is TokenKind.String or TokenKind.QuotedName ? Key() : RawName(":");
                if (name is null)
                {
                    Error(_token, "An entry's name and a colon are expected here, as in: context<amount: number>.");
                    break;
                }
                Expect(":");
                entries.Add((name, Type()));
            }
            while (Take(","));
        }
        Expect(">");
        return entries.ToImmutable();
    }

    private FunctionType FunctionTypeRest()
    {
        var parameters = ImmutableArray.CreateBuilder<FeelType>();
        if (!_token.Is(">"))
        {
            do
            {
                parameters.Add(Type());
            }
            while (Take(","));
        }
        Expect(">");
        if (!Expect("->"))
            return new FunctionType(parameters.ToImmutable(), FeelType.Any);
        return new FunctionType(parameters.ToImmutable(), Type());
    }
}
