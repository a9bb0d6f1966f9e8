/// A request that has arrived whole and is to be worked on.
struct ReceivedRequest: Sendable {
    let resource: Resource
    /// What answers it; `nil` for resources that need none.
    let model: ServingModel?
    let body: [UInt8]
    let client: Client
    /// `x-request-id` of its answer.
    let id: String
    /// To be kept until the answer is written.
    let ticket: RequestTicket
}
