using System.Collections.Immutable;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Functions;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel.Parsing;

/// <summary>
/// Reads FEEL by recursive descent. Errors are collected and the reading goes on after them, so that an editor can show all.
/// </summary>
internal sealed partial class Parser
{
    // Every level passes a dozen methods, so this keeps the stack far from its end.
    private const int DeepestNesting = 200;
    private const int MostErrors = 20;
    private const int TallestTree = 1_200;

    private readonly Lexer _lexer;
    private static readonly FeelNames Always = AlwaysKnown();
    private readonly FeelNames _names;
    private readonly FeelCompileOptions _options;
    private readonly List<FeelDiagnostic> _errors = [];
    private Token _token;
    private int _lastEnd;
    private int _depth;
    private long _work;
    private bool _noFilter;
    private bool _usesInput;
    private bool _sawFilter;

    // A value in parentheses that was read already and goes on: what Primary gives next.
    private Node? _seed;

    public Parser(string text, FeelCompileOptions options)
    {
        _lexer = new Lexer(text);
        _options = options;
        _names = new FeelNames(options.ModelNames ?? Always);
        foreach (var name in options.Names)
            _names.Add(name);
        _token = _lexer.Read(0);
    }

    /// <summary>Names that all expressions of a model may use, to be shared by them.</summary>
    public static FeelNames Known(IEnumerable<string> names)
    {
        var known = new FeelNames(Always);
        foreach (var name in names)
            known.Add(name);
        return known;
    }

    private static FeelNames AlwaysKnown()
    {
        var names = new FeelNames();
        foreach (var name in (IEnumerable<string>)[.. BuiltIns.SpacedNames, "time offset", "start included", "end included"])
            names.Add(name);
        return names;
    }

    public ImmutableArray<FeelDiagnostic> Errors => [.. _errors.OrderBy(e => e.Position)];

    public Node ParseExpression()
    {
        var node = Expression();
        Finish();
        return node;
    }

    public Node ParseTests()
    {
        var start = _token.Position;
        if (_token.Is("-"))
        {
            var any = _token;
            Advance();
            if (_token.Kind == TokenKind.End)
                return new AnyTest().At(any.Position, any.End);
            Rewind(any);
        }
        var negated = false;
        if (_token.IsWord("not") && _lexer.Read(_token.End).Is("("))
        {
            // not(...) around everything negates the tests; not(x) as part of an expression is the function.
            var before = _token;
            Advance();
            Advance();
            var errors = _errors.Count;
            var inner = TestsUntil(")");
            var clean = _errors.Count == errors && _token.Is(")") && _lexer.Read(_token.End).Kind == TokenKind.End;
            _errors.RemoveRange(errors, _errors.Count - errors);
            Rewind(before);
            negated = clean && inner.Length > 0;
            if (negated)
            {
                Advance();
                Advance();
            }
        }
        var tests = TestsUntil(negated ? ")" : "");
        if (negated)
            Expect(")");
        Finish();
        return new TestList(tests, negated).At(start, _lastEnd);
    }

    private Test[] TestsUntil(string end)
    {
        var tests = new List<Test>();
        do
        {
            tests.Add(OneTest());
            if (end.Length > 0 && _token.Is(end))
                break;
        }
        while (Take(","));
        return [.. tests];
    }

    // A positive unary test: a comparison without left side, or an expression.
    private Test OneTest()
    {
        var start = _token.Position;
        if (ComparatorAt(_token) is { } comparator)
        {
            Advance();
            return (Test)new ComparisonTest(comparator, Sum()).At(start, _lastEnd);
        }
        var outer = _usesInput;
        _usesInput = false;
        var expression = RangeWithoutBrackets(Expression());
        var test = new ExpressionTest(expression, _usesInput).At(start, _lastEnd);
        _usesInput |= outer;
        return (Test)test;
    }

    private Node RangeWithoutBrackets(Node start)
    {
        if (!Take(".."))
            return start;
        var end = Sum();
        return new RangeLiteral(start, startIncluded: true, end, endIncluded: true).At(start.Position, _lastEnd);
    }

    private static Comparator? ComparatorAt(Token token) => token.Kind != TokenKind.Sign ? null : token.Text switch
    {
        "<" => Comparator.Less,
        "<=" => Comparator.AtMost,
        ">" => Comparator.Greater,
        ">=" => Comparator.AtLeast,
        "=" => Comparator.Equal,
        "!=" => Comparator.NotEqual,
        _ => null,
    };

    private Node Expression()
    {
        var filter = _noFilter;
        _noFilter = false;
        var node = Or();
        _noFilter = filter;
        return node;
    }

    private Node Or()
    {
        var left = And();
        while (!IsTooTall(left) && TakeWord("or"))
            left = new Junction(isAnd: false, left, And()).At(left.Position, _lastEnd);
        return left;
    }

    private Node And()
    {
        var left = Compared();
        while (!IsTooTall(left) && TakeWord("and"))
            left = new Junction(isAnd: true, left, Compared()).At(left.Position, _lastEnd);
        return left;
    }

    private Node Compared()
    {
        var left = Sum();
        while (true)
        {
            if (IsTooTall(left))
                return left;
            if (ComparatorAt(_token) is { } comparator)
            {
                Advance();
                left = new Comparison(comparator, left, Sum()).At(left.Position, _lastEnd);
            }
            else if (TakeWord("between"))
            {
                var low = Sum();
                if (!TakeWord("and"))
                    Error(_token, "'between' needs two values with 'and' in the middle, as in: x between 1 and 10.");
                left = new Between(left, low, Sum()).At(left.Position, _lastEnd);
            }
            else if (TakeWord("in"))
            {
                left = new Membership(left, InTests()).At(left.Position, _lastEnd);
            }
            else
            {
                return left;
            }
        }
    }

    // After 'in': one test, or several in parentheses. "(1..5)" is a range there too, "(a) + b" an expression.
    private Test[] InTests()
    {
        if (!_token.Is("("))
            return [OneTestAfterIn()];
        var open = _token;
        Advance();
        if (ComparatorAt(_token) is not null)
            return TestsToEnd([]);
        var outer = _usesInput;
        _usesInput = false;
        var first = Expression();
        Test Made(Node node)
        {
            var made = (Test)new ExpressionTest(node, _usesInput).At(node.Position, _lastEnd);
            _usesInput |= outer;
            return made;
        }

        if (_token.Is(".."))
            return [Made(RangeAfter(open, first, startIncluded: false))];
        if (Take(","))
            return TestsToEnd([Made(first)]);
        Expect(")");
        if (!Continues(_token))
            return [Made(first)];
        _seed = first;
        return [Made(Sum())];
    }

    private Test[] TestsToEnd(Test[] first)
    {
        var rest = TestsUntil(")");
        Expect(")");
        return [.. first, .. rest];
    }

    private static bool Continues(Token token)
        => token.Kind == TokenKind.Sign && token.Text is "[" or "." or "(" or "+" or "-" or "*" or "/" or "**";

    private Test OneTestAfterIn()
    {
        var start = _token.Position;
        if (ComparatorAt(_token) is { } comparator)
        {
            Advance();
            return (Test)new ComparisonTest(comparator, Sum()).At(start, _lastEnd);
        }
        var outer = _usesInput;
        _usesInput = false;
        var test = new ExpressionTest(RangeWithoutBrackets(Sum()), _usesInput).At(start, _lastEnd);
        _usesInput |= outer;
        return (Test)test;
    }

    // A long chain of operators is a tall tree, and every level of it needs stack when it is evaluated.
    private bool IsTooTall(Node node)
    {
        if (node.Height < TallestTree)
            return false;
        Error(_token, $"More than {TallestTree} operators follow each other. Split the expression.");
        _token = _lexer.Read(_lexer.Text.Length);
        return true;
    }

    // Every nesting passes here, so this is where its depth is watched.
    private Node Sum()
    {
        if (++_depth > DeepestNesting || _work > 10_000 + (8L * _lexer.Text.Length))
        {
            Error(_token, _depth > DeepestNesting ? $"The expression is nested deeper than {DeepestNesting} levels. Split it." : "The expression is too tangled to be read. Use more parentheses.");
            _token = _lexer.Read(_lexer.Text.Length);
            _depth--;
            return new Unreadable().At(_token.Position, _token.End);
        }
        var node = SumOfProducts();
        _depth--;
        return node;
    }

    private Node SumOfProducts()
    {
        var left = Product();
        while (!IsTooTall(left) && (_token.Is("+") || _token.Is("-")))
        {
            var sign = _token.Text == "+" ? ArithmeticSign.Add : ArithmeticSign.Subtract;
            Advance();
            left = new Arithmetic(sign, left, Product()).At(left.Position, _lastEnd);
        }
        return left;
    }

    private Node Product()
    {
        var left = Power();
        while (!IsTooTall(left) && (_token.Is("*") || _token.Is("/")))
        {
            var sign = _token.Text == "*" ? ArithmeticSign.Multiply : ArithmeticSign.Divide;
            Advance();
            left = new Arithmetic(sign, left, Power()).At(left.Position, _lastEnd);
        }
        return left;
    }

    private Node Power()
    {
        var left = Negated();
        while (!IsTooTall(left) && Take("**"))
            left = new Arithmetic(ArithmeticSign.Power, left, Negated()).At(left.Position, _lastEnd);
        return left;
    }

    private Node Negated()
    {
        var minuses = new List<Token>();
        while (_seed is null && _token.Is("-"))
        {
            minuses.Add(_token);
            Advance();
        }
        var node = Instance();
        if (minuses.Count > DeepestNesting)
        {
            Error(minuses[0], "There are too many minus signs in a row. One is enough.");
            return node;
        }
        for (var i = minuses.Count - 1; i >= 0; i--)
        {
            node = new Negation(node).At(minuses[i].Position, _lastEnd);
        }
        return node;
    }

    private Node Instance()
    {
        var node = Postfix(Primary());
        while (!IsTooTall(node) && _token.IsWord("instance") && _lexer.Read(_token.End).IsWord("of"))
        {
            Advance();
            Advance();
            node = new InstanceOf(node, Type()).At(node.Position, _lastEnd);
        }
        return node;
    }
}
