/// Cuts special tokens out of a text before anything else looks at it.
///
/// The longest token wins over shorter ones that overlap it, wherever they are; among equally long ones the leftmost.
/// That is llama.cpp's rule (each token in order of length takes all its places), found here in one pass over the
/// text: every place proposes its longest match, and a match that no longer fits makes way for that place's next
/// shorter one.
struct SpecialTokenCutter: Sendable {
    /// A stretch of plain text, or a token standing where its text was.
    enum Part: Equatable {
        case text(Range<Int>)
        case token(TokenID)
    }

    private let parsed: ByteTrie
    private let unparsed: ByteTrie
    private let lengths: [Int]
    private let stripsRight: Set<TokenID>

    init(_ table: PieceTable, _ attributes: [TokenAttributes]) {
        var parsed = ByteTrie()
        var unparsed = ByteTrie()
        var lengths: Set<Int> = []
        var stripsRight: Set<TokenID> = []
        for (id, attribute) in attributes.enumerated() where !attribute.isDisjoint(with: .cutOut) {
            let piece = table.runs[id]
            parsed.insert(piece, value: TokenID(id))
            if attribute.isDisjoint(with: .special) { unparsed.insert(piece, value: TokenID(id)) }
            lengths.insert(piece.count)
            if attribute.contains(.stripsRight) { stripsRight.insert(TokenID(id)) }
        }
        self.parsed = parsed
        self.unparsed = unparsed
        self.lengths = lengths.sorted(by: >)
        self.stripsRight = stripsRight
    }

    /// The parts of a text in order; with `parseSpecialTokens` false, and wherever a token would touch one of
    /// `plainRanges` (ascending, disjoint), only user-defined tokens are cut out.
    func cut(
        _ text: UnsafeBufferPointer<UInt8>,
        parseSpecialTokens: Bool,
        plainRanges: [Range<Int>] = [],
        _ poll: inout CancellationPoll,
    ) -> [Part] {
        let trie = parseSpecialTokens ? parsed : unparsed
        if text.isEmpty { return [] }
        if trie.isEmpty { return [.text(0..<text.count)] }
        let plainRanges = parseSpecialTokens ? plainRanges : []
        var proposals: [Int: [Int]] = [:]
        for place in 0..<text.count {
            if poll.hasToStop(after: 1) { return [] }
            if trie.root(text[place]) < 0 { continue }
            let length = longest(trie, text, place, text.count, plainRanges)
            if length > 0 { proposals[length, default: []].append(place) }
        }
        if proposals.isEmpty { return [.text(0..<text.count)] }
        let taken = settle(&proposals, trie, text, plainRanges)
        return parts(of: text, taken, trie)
    }

    /// Decides between overlapping proposals: the length taken at each place, 0 for none.
    private func settle(
        _ proposals: inout [Int: [Int]],
        _ trie: ByteTrie,
        _ text: UnsafeBufferPointer<UInt8>,
        _ plainRanges: [Range<Int>],
    ) -> [Int32] {
        var starts = [Int32](repeating: 0, count: text.count)
        var claimed = [Bool](repeating: false, count: text.count)
        for length in lengths {
            guard let places = proposals.removeValue(forKey: length) else { continue }
            for place in places.sorted() where !claimed[place] {
                var end = place
                while end < place + length, !claimed[end] { end += 1 }
                if end == place + length {
                    starts[place] = Int32(length)
                    for index in place..<end { claimed[index] = true }
                    continue
                }
                let shorter = longest(trie, text, place, end, plainRanges)
                if shorter > 0 { proposals[shorter, default: []].append(place) }
            }
        }
        return starts
    }

    private func parts(of text: UnsafeBufferPointer<UInt8>, _ taken: [Int32], _ trie: ByteTrie) -> [Part] {
        var parts: [Part] = []
        var from = 0
        var place = 0
        while place < text.count {
            let length = Int(taken[place])
            if length == 0 {
                place += 1
                continue
            }
            if from < place { parts.append(.text(from..<place)) }
            let id = value(trie, text, place, length)
            parts.append(.token(id))
            place += length
            from = place
            if stripsRight.contains(id) {
                while from < text.count, taken[from] == 0, Self.isASCIISpace(text[from]) { from += 1 }
                place = from
            }
        }
        if from < text.count { parts.append(.text(from..<text.count)) }
        return parts
    }

    /// The longest token at a place that ends by `limit`; one that touches a plain range must be user-defined.
    private func longest(
        _ trie: ByteTrie,
        _ text: UnsafeBufferPointer<UInt8>,
        _ place: Int,
        _ limit: Int,
        _ plainRanges: [Range<Int>],
    ) -> Int {
        if plainRanges.isEmpty { return longest(trie, text, place, limit) }
        var (low, high) = (0, plainRanges.count)
        while low < high {
            let middle = (low + high) / 2
            if plainRanges[middle].upperBound <= place { low = middle + 1 } else { high = middle }
        }
        let border = low < plainRanges.count ? min(limit, max(place, plainRanges[low].lowerBound)) : limit
        let found = border > place ? longest(trie, text, place, border) : 0
        if border == limit || unparsed.isEmpty { return found }
        return max(found, longest(unparsed, text, place, limit))
    }

    /// The longest token at a place that ends by `limit`; 0 for none.
    private func longest(_ trie: ByteTrie, _ text: UnsafeBufferPointer<UInt8>, _ place: Int, _ limit: Int) -> Int {
        trie.longest(in: text, at: place, limit: limit).map { $0.end - place } ?? 0
    }

    private func value(_ trie: ByteTrie, _ text: UnsafeBufferPointer<UInt8>, _ place: Int, _ length: Int) -> TokenID {
        var node = trie.root(text[place])
        for index in place + 1..<place + length { node = trie.child(of: node, text[index]) }
        return trie.values[Int(node)]
    }

    private static func isASCIISpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
