/// Beams: sequences of one request that are scheduled together, and grow out of each other.
extension Scheduler {
    /// How many places are kept for beams whose prompt is still computed.
    var placesKept: Int { running.reduce(0) { $0 + ($1.request.beams == nil ? 0 : $1.followers.count) } }

    /// Moves a request's beams on, each with the blocks of the one it continues; or ends them all.
    ///
    /// Beams that nothing continues give their blocks back first: so there is always one for the copy of a last block that
    /// two will write to.
    mutating func move(_ step: BeamStep, _ outcome: inout StepOutcome) {
        guard step.events.isEmpty else { return endBeams(step.request, step.events, &outcome) }
        let old = running.positions(of: step.request).map { running[$0] }
        var parents = Dictionary(uniqueKeysWithValues: old.map { ($0.key.choice, $0) })
        let kept = Set(step.moves.map(\.parent))
        for var sequence in old where !kept.contains(sequence.key.choice) {
            cache.close(&sequence.table, sequence.tokens, computed: sequence.computed)
            requests[step.request]?.counters += sequence.table.counters
            parents[sequence.key.choice] = nil
            release(sequence.key)
        }
        for move in step.moves where move.choice != move.parent {
            guard let parent = parents[move.parent],
                let (table, copies) = cache.fork(parent.table, tokenCount: parent.computed)
            else {
                let events = (0..<(old.first?.request.choiceCount ?? 1)).map {
                    EngineEvent.finished(choice: $0, reason: .failed("the KV cache has no block for a beam"))
                }
                return endBeams(step.request, events, &outcome)
            }
            outcome.copies += copies
            grow(parent, in: move.choice, by: move.token, table)
        }
        for move in step.moves where move.choice == move.parent {
            guard let parent = parents[move.parent] else { continue }
            grow(parent, in: move.choice, by: move.token, parent.table)
        }
    }

    /// Puts a beam that has grown into a choice's place.
    private mutating func grow(_ parent: TokenSequence, in choice: Int, by token: Int32, _ table: BlockTable) {
        let key = SequenceKey(request: parent.key.request, choice: choice)
        var sequence = TokenSequence(key: key, request: parent.request)
        sequence.tokens = parent.tokens + [token]
        sequence.computed = parent.computed
        sequence.reportedPositions = parent.reportedPositions
        sequence.table = table
        if let position = running.position(of: key) { running[position] = sequence } else { place(sequence) }
    }

    /// Takes a beam that has given its blocks back out of the batch.
    private mutating func release(_ key: SequenceKey) {
        guard let position = running.position(of: key) else { return }
        waiting.addPlaces(-1, to: running[position].group)
        running.remove(at: position)
    }

    private mutating func endBeams(_ id: UInt64, _ events: [EngineEvent], _ outcome: inout StepOutcome) {
        for event in events { outcome.append(event, to: id) }
        for position in running.positions(of: id) { running[position].hasEnded = true }
        for choice in requests[id]?.openChoices ?? [] {
            guard let position = running.position(of: SequenceKey(request: id, choice: choice)) else { continue }
            close(running[position])
        }
        closeAll(id)
    }
}
