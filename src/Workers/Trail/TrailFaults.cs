namespace Countersign.Workers.Trail;

/// <summary>Named places between the steps of the trail, at which a test may stop the process. Nothing happens there otherwise.</summary>
public class TrailFaults
{
    /// <summary>Reached a place.</summary>
    /// <param name="place">Its name.</param>
    public virtual Task At(string place) => Task.CompletedTask;
}
