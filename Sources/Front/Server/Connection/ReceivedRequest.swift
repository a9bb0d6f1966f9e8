/// A request that has arrived whole and is to be worked on.
struct ReceivedRequest: Sendable {
    let resource: Resource
    /// What answers it; `nil` for resources that need none.
    let model: ServingModel?
    let client: Client
    /// `x-request-id` of its answer.
    let id: String
    /// With the body; to be kept until the answer is written.
    let ticket: RequestTicket
}
