internal import RequestParameters

/// The beams of one request with their places: one choice of the request for each.
package struct BeamGroup: Sendable {
    private var search: BeamSearch
    /// The choice in whose place each running beam is.
    private var places = [0]
    private let width: Int
    /// What the rows of this iteration had to offer, by choice.
    private var candidates: [Int: [BeamSearch.Candidate]] = [:]

    /// The beams of a request that has some.
    package init?(_ request: EngineRequest) {
        guard let parameters = request.beams else { return nil }
        width = parameters.width
        search = BeamSearch(
            parameters,
            stops: request.endTokens.union(request.stopTokens),
            longest: request.maxTokens,
        )
    }

    /// How many candidates each beam wants.
    package var candidateCount: Int { search.candidateCount }

    /// Takes in the candidates of the beam in a choice's place.
    package mutating func take(_ candidates: [BeamSearch.Candidate], of choice: Int) {
        self.candidates[choice] = candidates
    }

    /// Lets the beams grow once there are candidates for all of them.
    ///
    /// Of those that continue the same beam the best stays in its place; others go where a beam ends.
    ///
    /// - Returns: what becomes of them; `nil` while candidates are missing.
    package mutating func advance(_ id: UInt64, _ request: EngineRequest) -> BeamStep? {
        let offered = places.compactMap { candidates[$0] }
        guard offered.count == places.count else { return nil }
        candidates = [:]
        let continuations = search.advance(offered)
        var step = BeamStep(request: id, moves: [], events: [])
        if search.isOver {
            step.events = Self.events(search.finished.prefix(request.choiceCount), request)
            // Where no token may come next, fewer beams have ended than were asked for.
            let found = min(search.finished.count, request.choiceCount)
            let words = "the search found \(found) of the \(request.choiceCount) outputs that n asks for"
            for choice in found..<request.choiceCount {
                step.events.append(.finished(choice: choice, reason: .failed(words)))
            }
            return step
        }
        let kept = Set(continuations.map { places[$0.parent] })
        var free = (0..<width).filter { !kept.contains($0) }
        var taken: Set<Int> = []
        step.moves = continuations.map { continuation in
            let parent = places[continuation.parent]
            let choice = taken.insert(parent).inserted || free.isEmpty ? parent : free.removeFirst()
            return BeamStep.Move(choice: choice, parent: parent, token: continuation.token)
        }
        places = step.moves.map(\.choice)
        return step
    }

    private static func events(_ beams: some Sequence<BeamSearch.Beam>, _ request: EngineRequest) -> [EngineEvent] {
        beams.enumerated().flatMap { choice, beam in
            let tokens = beam.tokens.map { token in
                EngineEvent.token(choice: choice, id: token.id, logProbabilities: token.logProbabilities)
            }
            var reason = EngineFinishReason.length
            if let last = beam.tokens.last?.id {
                if request.stopTokens.contains(last) { reason = .stop(last) }
                if request.endTokens.contains(last) { reason = .end(last) }
            }
            return tokens + [.finished(choice: choice, reason: reason)]
        }
    }
}
