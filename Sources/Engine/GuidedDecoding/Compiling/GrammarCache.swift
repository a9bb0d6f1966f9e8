/// The grammars that were used last, as many as there is room for.
package struct GrammarCache<Key: Hashable & Sendable>: Sendable {
    private struct Entry {
        var grammar: CompiledGrammar
        var keyBytes: Int
        var lastUse: Int
    }

    private let capacity: Int
    private let bytes: Int
    private var entries: [Key: Entry] = [:]
    private var clock = 0

    /// A cache without a grammar.
    ///
    /// - Parameters:
    ///   - capacity: how many grammars are kept at most.
    ///   - limits: how many bytes they may take at most.
    package init(capacity: Int, limits: GrammarLimits) {
        self.capacity = capacity
        bytes = limits.cacheBytes
    }

    /// How many grammars there are.
    package var count: Int { entries.count }

    /// The grammar of a key, if it is still there.
    package subscript(_ key: Key) -> CompiledGrammar? {
        mutating get {
            clock += 1
            entries[key]?.lastUse = clock
            // Grammars grow while they are used.
            if entries[key] != nil { trim(keeping: key) }
            return entries[key]?.grammar
        }
    }

    /// Takes in a grammar; those that weren't used for longest go where there are too many, or they have grown too large.
    ///
    /// - Parameter keyBytes: roughly how many bytes the key takes.
    package mutating func insert(_ grammar: CompiledGrammar, for key: Key, keyBytes: Int) {
        guard capacity > 0 else { return }
        clock += 1
        entries[key] = Entry(grammar: grammar, keyBytes: keyBytes, lastUse: clock)
        trim()
    }

    /// Drops what wasn't used for longest until there is room for the rest.
    private mutating func trim(keeping kept: Key? = nil) {
        var total = entries.values.reduce(0) { $0 + $1.keyBytes + $1.grammar.byteCount }
        while entries.count > capacity || total > bytes,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }), oldest.key != kept
        {
            entries[oldest.key] = nil
            total -= oldest.value.keyBytes + oldest.value.grammar.byteCount
        }
    }
}
