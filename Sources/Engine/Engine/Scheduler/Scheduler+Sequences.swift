/// Where sequences go and come from, and what can be asked of them.
extension Scheduler {
    /// Puts a sequence that has its blocks into the batch.
    mutating func place(_ sequence: TokenSequence) {
        waiting.addPlaces(1, to: sequence.group)
        running.insertByAge(sequence)
    }

    /// Stops a sequence to free its blocks; it will compute again what the cache loses meanwhile.
    mutating func pause(_ position: Int) {
        var sequence = running.remove(at: position)
        cache.close(&sequence.table, sequence.tokens, computed: sequence.computed)
        sequence.computed = 0
        sequence.forcedCount = 0
        sequence.isPaused = true
        sequence.timesPassed = 0
        pauseCount += 1
        waiting.addPlaces(-1, to: sequence.group)
        waiting.insert(sequence)
    }

    /// Frees a sequence's blocks for good; `removeEnded` then takes it out of the batch.
    mutating func end(_ position: Int) {
        let sequence = running[position]
        running[position].hasEnded = true
        cache.close(&running[position].table, sequence.tokens, computed: sequence.computed)
        requests[sequence.key.request]?.counters += sequence.table.counters
        waiting.addPlaces(-1, to: sequence.group)
        if !sequence.request.hasExplicitLimit, sequence.outputCount > 0 { outputLengths.record(sequence.outputCount) }
    }

    /// Takes the sequences out of the batch that have ended.
    mutating func removeEnded() { running.removeAll(where: \.hasEnded) }

    /// What is wrong with the scheduler's state, for tests to ask after every step; empty when all is well.
    package func problems() -> [String] {
        var problems = cache.problems(tables: running.map(\.table)) + waiting.problems(running: running)
        if running.map(\.key) != running.map(\.key).sorted() { problems.append("sequences are out of order") }
        for sequence in running {
            if sequence.remaining < 1 { problems.append("\(sequence.key) has nothing to compute") }
            problems += cache.problems(of: sequence.table, computed: sequence.computed).map { "\(sequence.key): \($0)" }
        }
        if waiting.all.contains(where: { $0.table.heldCount > 0 }) {
            problems.append("a waiting sequence holds blocks")
        }
        let promised = Demand(of: running, self).promised
        if configuration.capacityPolicy == .guaranteedNoEvict, promised > cache.unclaimedCount {
            problems.append("\(promised) blocks are promised, \(cache.unclaimedCount) unclaimed")
        }
        if configuration.capacityPolicy == .guaranteedNoEvict,
            waiting.all.contains(where: { $0.isPaused && $0.request.hasExplicitLimit })
        {
            problems.append("a sequence with a limit was paused")
        }
        let alive = Set(running.map(\.key.request)).union(waiting.all.map(\.key.request))
        if alive != Set(requests.keys) { problems.append("requests without sequences, or the reverse") }
        let followers = running.reduce(0) { $0 + $1.followers.count }
        let waitingChoices = waiting.all.reduce(followers) { $0 + 1 + $1.followers.count }
        if waitingChoices != waitingChoiceCount {
            problems.append("\(waitingChoices) choices wait, \(waitingChoiceCount) are counted")
        }
        if runningRequestCount != requests.values.count(where: \.hasStarted) {
            problems.append("started requests are miscounted")
        }
        return problems
    }
}
