namespace Countersign.Client.Messages;

/// <summary>Messages.</summary>
public sealed class MessagesClient
{
    private readonly Transport transport;

    internal MessagesClient(Transport transport) => this.transport = transport;

    /// <summary>Publishes a message.</summary>
    public Task<MessageView> PublishAsync(PublishMessageRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<MessageView>("v1/messages", request, options, cancellationToken);
}
