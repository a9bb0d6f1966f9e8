/// A request that has arrived whole and is to be worked on.
struct ReceivedRequest: Sendable {
    let endpoint: Endpoint
    /// What of the request the endpoint sees; its body is with the ticket.
    let call: Call
    /// What answers it; `nil` for endpoints that need none.
    let model: ServingModel?
    let client: Client
    /// With the body; to be kept until the answer is written.
    let ticket: RequestTicket
}
