using Countersign.TestKit.Databases;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
