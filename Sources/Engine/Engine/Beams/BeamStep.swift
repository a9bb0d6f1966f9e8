/// What becomes of a request's beams after an iteration.
package struct BeamStep: Sendable {
    /// A beam that runs on; it has a choice's place, and grows out of the beam in another's or its own.
    package struct Move: Sendable, Hashable {
        /// The choice in whose place it is.
        package var choice: Int
        /// The choice in whose place the beam was that it continues.
        package var parent: Int
        /// The token it grows by.
        package var token: Int32
    }

    /// The request.
    package var request: UInt64
    /// The beams that run on, best first.
    package var moves: [Move]
    /// What is to be told when the search is over; empty until then.
    package var events: [EngineEvent]
}
