using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Trail;
using Countersign.Projections.Store;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Trail;

public sealed class AuditSentenceTests
{
    public static TheoryData<string> Aliases => [.. EventAliases.All.Select(a => a.Value)];

    [Theory]
    [MemberData(nameof(Aliases))]
    public void Every_kind_of_fact_has_a_sentence_that_names_no_secret(string alias)
    {
        var type = EventAliases.All.Single(a => a.Value == alias).Key;
        var sentence = AuditSentences.Of(Sample(type, "")!);
        sentence.ShouldNotBeNull($"{alias} ({type.Name}) has no sentence in AuditSentences or InstanceSentences.");
        sentence.Length.ShouldBeInRange(10, 1000);
        foreach (var secret in new[] { "SecretHash", "SealedSecret", "Email" })
            sentence.ShouldNotContain($"<{secret}>");
    }

    /// <summary>A value of any type that events are made of; texts say their own name.</summary>
    private static object? Sample(Type type, string name)
    {
        if (type == typeof(string))
            return $"<{name}>";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Sample(inner, name);
        if (type == typeof(JsonElement))
            return JsonElement.Parse("1");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
            return typeof(ImmutableArray<>).MakeGenericType(type.GetGenericArguments()).GetField("Empty")!.GetValue(null);
        if (type.IsGenericType && type.Namespace == typeof(ImmutableArray).Namespace)
            return type.GetField("Empty")!.GetValue(null);
        if (type.IsValueType)
            return Activator.CreateInstance(type);
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(p => Sample(p.ParameterType, p.Name!))]);
    }
}
