/// What follows from an iteration's result.
package struct StepOutcome: Sendable {
    /// One request's events.
    package struct Events: Sendable {
        /// The request.
        package var request: UInt64
        /// What happened, in order.
        package var events: [EngineEvent]
        /// Whether the request has ended.
        package var isLast: Bool
        /// What it was given of the KV cache so far, when the engine is to tell it.
        package var blocks: BlockCounters?
    }

    /// The events of each request that has some, oldest request first.
    package var events: [Events] = []
    /// Blocks to copy, in this order, before anything else happens.
    package var copies: [BlockCopy] = []
    /// Records of the requests that ended, for the statistics.
    package var ended: [IterationStatistics.Request] = []
    private var positionOfRequest: [UInt64: Int] = [:]

    mutating func append(_ event: EngineEvent, to request: UInt64) {
        let position = positionOfRequest[request] ?? events.count
        if position == events.count {
            positionOfRequest[request] = position
            events.append(Events(request: request, events: [], isLast: false))
        }
        events[position].events.append(event)
    }
}
