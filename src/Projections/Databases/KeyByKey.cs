namespace Countersign.Projections.Databases;

/// <summary>How a function in the database is to read that finds everything by its key.</summary>
public static class KeyByKey
{
    /// <summary>
    /// Settings of the function. Row by row over an index, whatever the planner thinks of tables that were small when it looked; and planned once for each connection: with
    /// these settings the plan is the same for every argument, and making it again at each call took longer than what the call does.
    /// </summary>
    public const string Settings = "set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan";
}
