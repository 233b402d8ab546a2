namespace Countersign.Feel.Parsing;

/// <summary>Going through the tokens: taking, expecting, skipping, and saying what is wrong.</summary>
internal sealed partial class Parser
{
    private void Finish()
    {
        if (_lexer.Problem is { } problem && !_errors.Contains(problem))
            _errors.Insert(0, problem);
        if (_token.Kind == TokenKind.End)
            return;
        if (_errors.Count == 0 || _errors[^1].Position + _errors[^1].Length < _token.Position)
            Error(_token, _token.Kind is TokenKind.Unknown ? $"The sign '{_token.Text}' is not known here." : $"'{Shown(_token)}' is not expected here. Is an operator or a comma missing before it?");
    }

    private string Shown(Token token) => token.Kind == TokenKind.End ? "the end" : _lexer.Text[token.Position..Math.Min(token.End, token.Position + 40)];

    private void Error(Token at, string message)
    {
        if (_errors.Count < MostErrors && (_errors.Count == 0 || _errors[^1].Position != at.Position))
            _errors.Add(new FeelDiagnostic(at.Position, at.End - at.Position, message));
    }

    private void Advance()
    {
        _work++;
        _lastEnd = _token.End;
        _token = _lexer.Read(_token.End);
    }

    private void MoveTo(int end)
    {
        _work++;
        _lastEnd = end;
        _token = _lexer.Read(end);
    }

    private void Rewind(Token token)
    {
        _token = token;
        _lastEnd = token.Position;
    }

    private bool Take(string sign)
    {
        if (!_token.Is(sign))
            return false;
        Advance();
        return true;
    }

    private bool TakeWord(string word)
    {
        if (!_token.IsWord(word))
            return false;
        Advance();
        return true;
    }

    private bool Expect(string sign)
    {
        if (Take(sign))
            return true;
        Error(_token, _token.Kind == TokenKind.End ? $"A '{sign}' is missing at the end." : $"A '{sign}' is expected before '{Shown(_token)}'.");
        return sign is ")" or "]" or "}" && SkipTo(sign);
    }

    // After an error within brackets: go on behind the closing one, if there is one, to find further errors there.
    private bool SkipTo(string close)
    {
        var depth = 0;
        var token = _token;
        while (token.Kind != TokenKind.End && ++_work > 0)
        {
            if (depth == 0 && token.Is(close))
            {
                MoveTo(token.End);
                return true;
            }
            if (token.Kind == TokenKind.Sign && token.Text is "(" or "[" or "{")
                depth++;
            else if (token.Kind == TokenKind.Sign && token.Text is ")" or "]" or "}" && --depth < 0)
                return false;
            token = _lexer.Read(token.End);
        }
        return false;
    }

    private void ExpectWord(string word)
    {
        if (!TakeWord(word))
            Error(_token, _token.Kind == TokenKind.End ? $"The word '{word}' is missing at the end." : $"The word '{word}' is expected before '{Shown(_token)}'.");
    }
}
