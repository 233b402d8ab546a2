using System.Collections.Immutable;
using Countersign.Feel.Checks;
using Countersign.Feel.Evaluation;
using Countersign.Feel.Parsing;
using Countersign.Feel.Types;
using Countersign.Feel.Values;

namespace Countersign.Feel;

/// <summary>
/// A compiled FEEL expression or list of unary tests. Immutable: compile once, evaluate on any number of threads. Evaluation never
/// throws: what goes wrong is null with a warning, and what costs too much is a failure.
/// </summary>
public sealed class FeelExpression
{
    private readonly Node _root;

    private FeelExpression(string text, Node root)
    {
        Text = text;
        _root = root;
    }

    /// <summary>The text it was compiled from.</summary>
    public string Text { get; }

    /// <summary>
    /// The names the expression takes from its scope, in order: neither built-in functions nor names it defines itself. Names inside
    /// filters are left out, since they may be entries of the filtered members. For checking a text before it is used.
    /// </summary>
    public ImmutableArray<string> Names
    {
        get
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            _root.CollectNames(names, new HashSet<string>(StringComparer.Ordinal) { "?" });
            return [.. names.Order(StringComparer.Ordinal)];
        }
    }

    internal Node Root => _root;

    /// <summary>Compiles an expression.</summary>
    /// <param name="text">The expression, without a leading equals sign.</param>
    /// <param name="options">Known names and limits; unset means none known.</param>
    public static FeelCompilation Compile(string text, FeelCompileOptions? options = null)
        => Compile(text, options ?? FeelCompileOptions.Default, parser => parser.ParseExpression());

    /// <summary>
    /// Compiles unary tests, as they stand in a decision table's cell: <c>&lt; 5</c>, <c>"a", "b"</c>, <c>[1..10]</c>,
    /// <c>not(null)</c>, <c>-</c>. The tested value is <c>?</c>; evaluate with <see cref="Test"/>.
    /// </summary>
    public static FeelCompilation CompileUnaryTests(string text, FeelCompileOptions? options = null)
        => Compile(text, options ?? FeelCompileOptions.Default, parser => parser.ParseTests());

    /// <summary>Evaluates the expression.</summary>
    public FeelResult Evaluate(FeelScope scope, FeelOptions options)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(options);
        // As in Run below, without its call through a delegate: this is the engine's hot path.
        var run = FeelRun.Rent(options);
        try
        {
            run.Enter(_root.Height);
            return new FeelResult(run.Result(_root.Evaluate(run, scope)), run.Warnings, null) { Steps = run.Spent };
        }
        catch (FeelStop stop)
        {
            return new FeelResult(FeelValue.Null, run.Warnings, stop.Failure) { Steps = run.Spent };
        }
        finally
        {
            run.Return();
        }
    }

    /// <summary>Evaluates unary tests on a value: true, false, or null when they cannot say.</summary>
    public FeelResult Test(FeelValue value, FeelScope scope, FeelOptions options)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(options);
        if (_root is not Evaluation.Test)
            return Evaluate(scope.With("?", value), options);
        return Run(options, (Root: (Evaluation.Test)_root, Value: value), scope, static (test, run, scope) => test.Root.Applies(run, scope, test.Value));
    }

    /// <summary>
    /// Looks for mistakes without evaluating: unknown names and functions, wrong numbers of arguments, kinds that never fit together. It
    /// says only what is certain, so an expression without findings can still give null.
    /// </summary>
    /// <param name="known">What is known about the names the expression will see.</param>
    public ImmutableArray<FeelFinding> Check(FeelKnownNames known)
    {
        ArgumentNullException.ThrowIfNull(known);
        var findings = ImmutableArray.CreateBuilder<FeelFinding>();
        var check = new TypeCheck((at, rule, sentence, remedy) => findings.Add(new FeelFinding(rule, at.Position, at.Length, sentence, remedy))) { VariablesAreData = true };
        var names = known.Names.ToDictionary(name => name.Key, name => TypeOf(name.Value), StringComparer.Ordinal);
        _ = check.Visit(_root, TypeScope.Root(names, isOpen: !known.IsComplete));
        return [.. findings.Distinct().OrderBy(f => f.Position).ThenBy(f => f.Rule, StringComparer.Ordinal)];
    }

    /// <summary>The expression printed from what was understood of it; reads back as the same expression.</summary>
    public override string ToString() => _root.Print();

    internal static FeelResult Run<T>(FeelOptions options, T subject, FeelScope scope, Func<T, FeelRun, FeelScope, FeelValue> evaluate)
    {
        var run = FeelRun.Rent(options);
        try
        {
            var height = subject is Node node ? node.Height : 1;
            run.Enter(height);
            var value = evaluate(subject, run, scope);
            return new FeelResult(run.Result(value), run.Warnings, null) { Steps = run.Spent };
        }
        catch (FeelStop stop)
        {
            return new FeelResult(FeelValue.Null, run.Warnings, stop.Failure) { Steps = run.Spent };
        }
        finally
        {
            run.Return();
        }
    }

    private static FeelType TypeOf(string? text) => text is not null && Parser.TypeOf(text) is { } type ? type : FeelType.Unknown;

    private static FeelCompilation Compile(string text, FeelCompileOptions options, Func<Parser, Node> parse)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > options.MaxLength)
            return new FeelCompilation(null, [new FeelDiagnostic(0, text.Length, $"The expression is longer than {options.MaxLength} characters. Split it.")]);
        var parser = new Parser(text, options);
        var root = parse(parser);
        var errors = parser.Errors;
        return errors.IsEmpty ? new FeelCompilation(new FeelExpression(text, root), []) : new FeelCompilation(null, errors);
    }
}
