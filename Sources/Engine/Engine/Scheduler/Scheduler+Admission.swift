/// Blocks that running sequences don't have yet.
struct Demand {
    /// Those that sequences with a limit may still come to need; nobody else may take them.
    private(set) var promised = 0
    /// Those that sequences without one will probably come to need.
    private(set) var expected = 0
    /// All of them.
    var total: Int { promised + expected }

    init(of running: [TokenSequence], _ scheduler: Scheduler) {
        for sequence in running { add(sequence, scheduler) }
    }

    mutating func add(_ sequence: TokenSequence, _ scheduler: Scheduler) {
        let missing = max(0, scheduler.reservedBlocks(for: sequence) - sequence.table.heldCount)
        if sequence.request.hasExplicitLimit { promised += missing } else { expected += missing }
    }
}

/// Who gets a place in the batch, and blocks.
extension Scheduler {
    /// How often a sequence that doesn't fit may be passed by others before blocks are saved up for it.
    package static let mostPasses = 16
    /// How many sequences that don't fit are looked at in one iteration.
    private static let lookahead = 8
    /// How many are looked at whose adapters have to wait for others.
    private static let adapterLookahead = 64
    /// A batch of as many sequences is always allowed: up to a panel of the kernels each row makes rows cheaper.
    private static let panel = 64

    /// Moves waiting sequences into the batch, in turns, while there are places and blocks.
    mutating func admit(_ plan: inout StepPlan) {
        savesBlocks = false
        guard waiting.count > 0 else { return }
        var demand = Demand(of: running, self)
        let places = placeLimit
        var passed: [SequenceKey] = []
        var adaptersWait = false
        var waitingForAdapters = 0
        while let sequence = waiting.head(after: passed.count), hasPlace(for: sequence, of: places) {
            // No blocks help here: only others with the same kind of need are held back, behind one that was passed too often.
            if sequence.request.adapter != nil, adaptersWait || !hasPlace(forAdapterOf: sequence) {
                adaptersWait = adaptersWait || sequence.timesPassed >= Self.mostPasses
                passed.append(sequence.key)
                waitingForAdapters += 1
                guard waitingForAdapters < Self.adapterLookahead else { return }
            } else if admit(sequence, &demand, &plan) {
                for key in passed { waiting.notePassing(key) }
            } else if sequence.timesPassed >= Self.mostPasses {
                savesBlocks = true
                return
            } else {
                passed.append(sequence.key)
                guard passed.count - waitingForAdapters < Self.lookahead else { return }
            }
        }
    }

    /// Gives a sequence a place if its blocks can be had.
    private mutating func admit(_ sequence: TokenSequence, _ demand: inout Demand, _ plan: inout StepPlan) -> Bool {
        // What no match could help isn't looked up.
        let best = sequence.cacheLimit / cache.tokensPerBlock * cache.layout.keepingCount
        guard hasRoom(for: sequence, matched: best, available: 0, demand) else { return false }
        let match = cache.match(sequence.tokens, limit: sequence.cacheLimit, in: sequence.request.prefixNamespace)
        guard hasRoom(for: sequence, matched: match.keptCount, available: match.availableCount, demand) else {
            return false
        }
        guard let (table, copies) = cache.open(match, tokenCount: sequence.tokens.count) else { return false }
        plan.copies += copies
        var admitted = sequence
        waiting.remove(sequence.key)
        admitted.table = table
        admitted.computed = match.tokenCount
        demand.add(admitted, self)
        place(admitted)
        return true
    }

    /// How many sequences may run: beyond a panel of rows as many as decode in the time granted to an iteration.
    var placeLimit: Int {
        guard running.count + waiting.count > Self.panel * 3 / 4 else { return Self.panel }
        return max(Self.panel, costs.sequences(within: configuration.iterationSeconds, like: decodingLoad))
    }

    /// Whether a sequence may have one more of `places`, and its beams theirs; the last quarter is for groups that have none.
    func hasPlace(for sequence: TokenSequence, of places: Int) -> Bool {
        let taken = running.count + (beamRequestCount > 0 ? placesKept : 0)
        let wanted = sequence.request.beams == nil ? 1 : 1 + sequence.followers.count
        return taken + wanted <= runningLimit
            && taken < (waiting.places(of: sequence.group) == 0 ? places : places * 3 / 4)
    }

    /// Whether the adapter of a sequence may take part: as many different ones as are allowed run together.
    private func hasPlace(forAdapterOf sequence: TokenSequence) -> Bool {
        guard let adapter = sequence.request.adapter else { return true }
        let others = Set(running.compactMap(\.request.adapter)).subtracting([adapter])
        return others.count < configuration.maxAdapters
    }

    /// Whether a sequence may be given its blocks now, of which `matched` are there, `available` of those unused.
    ///
    /// What is known of windows doesn't count: whoever shares a window will have one of his own.
    private func hasRoom(for sequence: TokenSequence, matched: Int, available: Int, _ demand: Demand) -> Bool {
        let free = cache.unclaimedCount - available
        switch configuration.capacityPolicy {
        case .guaranteedNoEvict:
            let needed = reservedBlocks(for: sequence) - matched
            return demand.total + needed + blocksKept(from: sequence.group) <= free
        case .maxUtilization:
            // A row to spare for each running sequence, so that a newcomer isn't paused at once.
            let needed = blocks(for: sequence, length: sequence.tokens.count) - matched
            return needed + running.count * cache.layout.groups.count <= free
        }
    }

    /// Whether a choice may begin that shares the prompt of `origin`.
    func hasRoom(toFork origin: TokenSequence, _ demand: Demand) -> Bool {
        guard configuration.capacityPolicy == .guaranteedNoEvict else { return true }
        let shared = origin.computed / cache.tokensPerBlock * cache.layout.keepingCount
        let needed = reservedBlocks(for: origin) - shared
        return !savesBlocks && demand.total + needed + blocksKept(from: origin.group) <= cache.unclaimedCount
    }

    /// Blocks that a group mustn't take, so that others find room: a quarter, once it has some.
    private func blocksKept(from group: TurnGroup) -> Int {
        waiting.places(of: group) == 0 ? 0 : cache.blockCount / 4
    }

    /// Blocks to set aside for a sequence: all that it may need, or what such sequences have needed.
    func reservedBlocks(for sequence: TokenSequence) -> Int {
        guard !sequence.request.hasExplicitLimit else { return blocks(for: sequence, length: sequence.longestLength) }
        let output = outputLengths.expectedLength(at: sequence.outputCount)
        let length = sequence.promptCount + min(output, sequence.longestLength - sequence.promptCount)
        return blocks(for: sequence, length: length)
    }

    private func blocks(for sequence: TokenSequence, length: Int) -> Int {
        // Beams that haven't begun have their blocks set aside with those of the one that computes the prompt.
        cache.layout.mostBlocks(
            length: length,
            remaining: sequence.isDecoding ? 1 : sequence.remaining,
            count: sequence.request.beams == nil ? 1 : 1 + sequence.followers.count,
            shared: sequence.promptCount,
        )
    }

    /// Blocks that a sequence may take when others are promised as many: with guaranteed capacity those with a limit take of
    /// what is promised.
    private func blocks(withinReachOf sequence: TokenSequence, promised: Int) -> Int {
        configuration.capacityPolicy == .guaranteedNoEvict && !sequence.request.hasExplicitLimit
            ? cache.unclaimedCount - promised : cache.availableCount
    }

    /// Gives each sequence the blocks its next token needs; where there are none, pauses the youngest sequences.
    ///
    /// With guaranteed capacity only those without a limit are paused, and only they can lack a block.
    mutating func extendSequences() {
        let isGuaranteed = configuration.capacityPolicy == .guaranteedNoEvict
        var promised = isGuaranteed ? Demand(of: running, self).promised : 0
        var position = 0
        while position < running.count {
            let sequence = running[position]
            let (length, next) = (sequence.tokens.count, sequence.computed + 1)
            let missing = cache.missing(sequence.table, toHold: length, inWindows: next)
            let isLimited = isGuaranteed && sequence.request.hasExplicitLimit
            if missing == 0 {
                position += 1
            } else if missing <= blocks(withinReachOf: sequence, promised: promised) {
                _ = cache.extend(&running[position].table, toHold: length, inWindows: next)
                if isLimited { promised -= missing }
                position += 1
            } else if let youngest = running.lastIndex(where: {
                !$0.isInFlight && (!isGuaranteed || !$0.request.hasExplicitLimit)
            }) {
                // It may be the one at `position`; then the next one is there now.
                pause(youngest)
            } else {
                // What is in flight gives its blocks back later.
                running[position].isLeftOut = true
                position += 1
            }
        }
    }

    /// Gives prompts the blocks in windows for their shares of an iteration.
    ///
    /// - Returns: the shares, smaller where there are too few blocks.
    mutating func covered(_ shares: [Int]) -> [Int] {
        guard cache.layout.windowedCount > 0 else { return shares }
        let isGuaranteed = configuration.capacityPolicy == .guaranteedNoEvict
        var promised = isGuaranteed ? Demand(of: running, self).promised : 0
        var shares = shares
        for position in running.indices where shares[position] > 0 {
            let sequence = running[position]
            // Who decodes has blocks for its next token, and a run of tokens goes as far as these.
            let most = sequence.isDecoding ? 0 : blocks(withinReachOf: sequence, promised: promised)
            shares[position] = cache.cover(
                &running[position].table,
                from: sequence.computed,
                shares[position],
                most: most
            )
            if isGuaranteed, sequence.request.hasExplicitLimit {
                promised -= running[position].table.heldCount - sequence.table.heldCount
            }
        }
        return shares
    }
}
