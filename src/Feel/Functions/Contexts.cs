using Countersign.Feel.Values;

namespace Countersign.Feel.Functions;

/// <summary>Functions of contexts.</summary>
internal static class Contexts
{
    public static readonly BuiltIn[] Functions =
    [
        new("get value", ["m, key", "context, keys"], "The value of an entry, or of an entry within entries.", "get value({key1: \"value1\"}, \"key1\")", "\"value1\"", GetValue),
        new("get entries", ["m"], "The entries as a list of contexts with key and value.", "get entries({a: 1})", "[{key: \"a\", value: 1}]", GetEntries),
        new("context", ["entries"], "A context of a list of contexts with key and value.", "context([{key: \"a\", value: 1}])", "{a: 1}", FromEntries),
        new("context put", ["context, key, value", "context, keys, value"], "The context with one entry added or replaced.", "context put({x: 1}, \"y\", 2)", "{x: 1, y: 2}", Put),
        new("context merge", ["contexts", "contexts..."], "One context of several; later entries win.", "context merge([{x: 1}, {y: 2}])", "{x: 1, y: 2}", Merge),
    ];

    private static FeelValue GetValue(in Arguments a)
    {
        if (!a.Is<FeelContext>(0, out var context))
            return a.Wrong(0, "a context");
        if (a[1] is FeelString key)
            return context[key.Value];
        if (a[1] is not FeelList keys)
            return a.Wrong(1, "a text or a list of texts");
        FeelValue value = context;
        foreach (var item in keys.Items)
        {
            if (item is not FeelString name || value is not FeelContext inner)
                return a.Fail("there is no such entry.");
            value = inner[name.Value];
        }
        return keys.Count > 0 ? value : FeelValue.Null;
    }

    private static FeelValue GetEntries(in Arguments a)
    {
        if (!a.Is<FeelContext>(0, out var context))
            return a.Wrong(0, "a context");
        a.Run.Charge(context.Count * 2L);
        return a.Run.List((FeelValue[])[.. context.Select(e => (FeelValue)FeelContext.Of(("key", FeelValue.From(e.Key)), ("value", e.Value)))]);
    }

    private static FeelValue FromEntries(in Arguments a)
    {
        if (!a.IsList(0, out var list))
            return a.Wrong(0, "a list of contexts with key and value");
        var builder = new FeelContextBuilder();
        foreach (var item in list.Items)
        {
            a.Run.Step();
            if (item is not FeelContext entry || !entry.TryGetValue("key", out var key) || key is not FeelString name || !entry.TryGetValue("value", out var value))
                return a.Wrong(0, "a list of contexts with key and value");
            if (builder.Contains(name.Value))
                return a.Fail($"the entry '{name.Value}' is there twice.");
            builder.Set(name.Value, value);
        }
        return a.Run.Context(builder);
    }

    private static FeelValue Put(in Arguments a)
    {
        if (!a.Is<FeelContext>(0, out var context))
            return a.Wrong(0, "a context");
        if (a[1] is FeelString key)
            return With(a, context, key.Value, a[2]);
        if (a[1] is not FeelList { Count: > 0 } keys)
            return a.Wrong(1, "a text or a list of texts");
        return PutDeep(a, context, keys, 0, a[2]) ?? a.Wrong(1, "a list of texts that lead to an entry");
    }

    private static FeelValue? PutDeep(in Arguments a, FeelContext context, FeelList keys, int at, FeelValue value)
    {
        if (keys[at] is not FeelString key || at > 100)
            return null;
        if (at == keys.Count - 1)
            return With(a, context, key.Value, value);
        return context.TryGetValue(key.Value, out var inner) && inner is FeelContext next && PutDeep(a, next, keys, at + 1, value) is { } changed ? With(a, context, key.Value, changed) : null;
    }

    private static FeelContext With(in Arguments a, FeelContext context, string key, FeelValue value)
    {
        var builder = new FeelContextBuilder();
        for (var i = 0; i < context.Count; i++)
            builder.Set(context.Names[i], context.Items[i]);
        builder.Set(key, value);
        return a.Run.Context(builder);
    }

    private static FeelValue Merge(in Arguments a)
    {
        if (!a.IsListOrMany(out var list))
            return a.Wrong(0, "a list of contexts");
        var builder = new FeelContextBuilder();
        foreach (var item in list.Items)
        {
            if (item is not FeelContext context)
                return a.Wrong(0, "a list of contexts");
            a.Run.Charge(context.Count);
            for (var i = 0; i < context.Count; i++)
                builder.Set(context.Names[i], context.Items[i]);
        }
        return a.Run.Context(builder);
    }
}
