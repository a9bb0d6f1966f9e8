/// What rank 0 tells the others to do, as a value that goes over the wire.
package enum RankCommand: Sendable, Hashable {
    case allocate(blockCount: Int, tokensPerBlock: Int)
    case reserve(tokens: Int, logitRows: Int)
    /// A batch, and the ids of its slices' adapters, 0 where there is none; no ids where no slice has one.
    case begin(ModelBatch, adapters: [UInt64] = [])
    case finish
    case logits(Range<Int>)
    case copyBlock(from: Int32, to: Int32)
    case stop
}

/// The integers that a command is on the wire: a head of always as many, and what follows of a batch.
package struct EncodedCommand: Sendable {
    /// Integers of a head: what is to be done, how many integers follow, and two operands.
    package static let headCount = 4
    /// The most integers that may follow: of a batch that is far larger than any that is computed.
    package static let bodyLimit = 1 << 26

    package var head: [Int64]
    package var body: [Int32] = []

    /// A command on the wire.
    package init(_ command: RankCommand) {
        switch command {
        case .allocate(let count, let tokens): head = [0, 0, Int64(count), Int64(tokens)]
        case .reserve(let tokens, let rows): head = [1, 0, Int64(tokens), Int64(rows)]
        case .begin(let batch, let adapters):
            body = Self.integers(of: batch)
            if !adapters.isEmpty { body += [Int32(2 * adapters.count)] + adapters.flatMap(Self.halves) }
            head = [2, Int64(body.count), 0, 0]
        case .finish: head = [3, 0, 0, 0]
        case .logits(let rows): head = [4, 0, Int64(rows.lowerBound), Int64(rows.upperBound)]
        case .copyBlock(let source, let target): head = [5, 0, Int64(source), Int64(target)]
        case .stop: head = [6, 0, 0, 0]
        }
    }

    /// What was received.
    ///
    /// Precondition: the head is complete.
    package init(head: [Int64], body: [Int32]) {
        (self.head, self.body) = (head, body)
    }

    /// How many integers follow a head; `nil` if it isn't one.
    package static func bodyCount(_ head: [Int64]) -> Int? {
        guard head.count == headCount, (0...6).contains(head[0]), (0...Int64(bodyLimit)).contains(head[1]) else {
            return nil
        }
        return Int(head[1])
    }

    /// The command; `nil` if it isn't one.
    package var command: RankCommand? {
        let (first, second) = (Int(head[2]), Int(head[3]))
        switch head[0] {
        case 0: return .allocate(blockCount: first, tokensPerBlock: second)
        case 1: return .reserve(tokens: first, logitRows: second)
        case 2:
            var reader = IntegerReader(body[...])
            guard let batch = reader.batch(), let adapters = reader.adapters(of: batch) else { return nil }
            return .begin(batch, adapters: adapters)
        case 3: return .finish
        case 4: return first >= 0 && first <= second ? .logits(first..<second) : nil
        case 5:
            guard let source = Int32(exactly: first), let target = Int32(exactly: second) else { return nil }
            return .copyBlock(from: source, to: target)
        case 6: return .stop
        default: return nil
        }
    }

    private static func halves(of id: UInt64) -> [Int32] {
        [Int32(truncatingIfNeeded: id), Int32(truncatingIfNeeded: id >> 32)]
    }

    private static func integers(of batch: ModelBatch) -> [Int32] {
        var integers = [Int32(batch.tokens.count)] + batch.tokens + [Int32(batch.slices.count)]
        for slice in batch.slices {
            integers += [Int32(slice.rows.count), Int32(slice.position), Int32(slice.blocks.count)] + slice.blocks
            integers += [Int32(slice.logitRows.count)] + slice.logitRows.map { Int32($0) }
            integers += [Int32(slice.hiddenRows.lowerBound), Int32(slice.hiddenRows.upperBound)]
        }
        return integers
    }
}

/// Takes a batch from integers, or nothing from integers that aren't one.
private struct IntegerReader {
    private var rest: ArraySlice<Int32>

    init(_ integers: ArraySlice<Int32>) { rest = integers }

    mutating func batch() -> ModelBatch? {
        guard let tokens = list(), let count = next() else { return nil }
        var batch = ModelBatch(tokens: tokens)
        var first = 0
        for _ in 0..<count {
            guard let rows = next(), let position = next(), let blocks = list(), let logitRows = list(),
                let low = next(), let high = next(), low <= high
            else { return nil }
            batch.slices.append(
                .init(
                    rows: first..<first + rows,
                    position: position,
                    blocks: blocks,
                    logitRows: logitRows.map { Int($0) },
                    hiddenRows: low..<high
                )
            )
            first += rows
        }
        return first == tokens.count ? batch : nil
    }

    /// The ids of a batch's adapters, which end the integers; none if it is over already.
    mutating func adapters(of batch: ModelBatch) -> [UInt64]? {
        guard !rest.isEmpty else { return [] }
        guard let halves = list(), rest.isEmpty, !halves.isEmpty, halves.count == 2 * batch.slices.count else {
            return nil
        }
        return stride(from: 0, to: halves.count, by: 2).map { index in
            UInt64(UInt32(bitPattern: halves[index])) | UInt64(UInt32(bitPattern: halves[index + 1])) << 32
        }
    }

    /// A count or a position.
    private mutating func next() -> Int? {
        guard let number = rest.popFirst(), number >= 0 else { return nil }
        return Int(number)
    }

    /// A count and as many numbers.
    private mutating func list() -> [Int32]? {
        guard let count = next(), count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
