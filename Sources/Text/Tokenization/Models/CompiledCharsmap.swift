/// SentencePiece's `precompiled_charsmap`: a double array over byte prefixes (Darts-clone layout) whose leaves point to
/// NUL-terminated replacements.
///
/// Layout: `UInt32` size of the array in bytes, the array of `UInt32` units, the replacements. All little-endian.
struct CompiledCharsmap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// An empty block means no rules.
    ///
    /// - Throws: `TokenizerError.malformedCharsmap`.
    init(_ block: [UInt8]) throws(TokenizerError) {
        if block.isEmpty {
            units = []
            replacements = []
            return
        }
        if block.count < 4 { throw .malformedCharsmap(reason: "\(block.count) bytes, the size alone takes 4") }
        func number(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(block[place + $1]) << (8 * UInt32($1)) } }
        let size = Int(number(0))
        if size + 4 >= block.count || size % 4 != 0 {
            throw .malformedCharsmap(reason: "an array of \(size) bytes in a block of \(block.count)")
        }
        units = stride(from: 4, to: size + 4, by: 4).map(number)
        replacements = Array(block[(size + 4)...])
        if replacements.last != 0 { throw .malformedCharsmap(reason: "the last replacement has no end") }
    }

    /// The replacement of the longest prefix at a place, and the prefix's length.
    ///
    /// Units that point outside the array end the search.
    func longestMatch(
        _ text: UnsafeBufferPointer<UInt8>,
        at place: Int,
    ) -> (replacement: ArraySlice<UInt8>, length: Int)? {
        match(text, at: place, isLongest: true)
    }

    /// The replacement of the shortest prefix at a place, which is the one that the `tokenizers` library takes.
    func shortestMatch(_ text: UnsafeBufferPointer<UInt8>) -> ArraySlice<UInt8>? {
        match(text, at: 0, isLongest: false)?.replacement
    }

    private func match(
        _ text: UnsafeBufferPointer<UInt8>,
        at place: Int,
        isLongest: Bool,
    ) -> (replacement: ArraySlice<UInt8>, length: Int)? {
        guard let root = units.first else { return nil }
        var node = Self.base(root)
        var found: (offset: Int, length: Int)?
        var index = place
        while index < text.count, text[index] != 0 {
            node ^= UInt32(text[index])
            guard Int(node) < units.count else { break }
            let unit = units[Int(node)]
            if unit & 0x8000_00FF != UInt32(text[index]) { break }
            node ^= Self.base(unit)
            index += 1
            if unit >> 8 & 1 == 1 {
                guard Int(node) < units.count else { break }
                found = (Int(units[Int(node)] & 0x7FFF_FFFF), index - place)
                if !isLongest { break }
            }
        }
        guard let found, found.offset < replacements.count else { return nil }
        let rest = replacements[found.offset...]
        return (rest.prefix { $0 != 0 }, found.length)
    }

    private static func base(_ unit: UInt32) -> UInt32 { (unit >> 10) << ((unit & 1 << 9) >> 6) }
}
