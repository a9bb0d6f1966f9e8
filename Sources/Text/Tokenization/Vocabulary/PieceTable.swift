/// Pieces by bytes and by id: one block of bytes and one open-addressing table of ids at most half full.
struct PieceTable: Sendable {
    private(set) var runs: ByteRuns
    private var slots: [TokenID]
    private let mask: Int
    /// The longest piece's length in bytes; longer text can't be a piece.
    let longest: Int

    var count: Int { runs.count }

    /// How ids without text, and texts with several ids, are taken.
    enum Rules {
        /// llama.cpp's: those without text have names, and a second id is an error.
        case strict
        /// The `tokenizers` library's: those without text aren't there, and the last id counts.
        case lenient
    }

    /// Builds the table; each piece once.
    ///
    /// - Throws: `TokenizerError.duplicatePiece`, `.tooLarge`.
    init(_ pieces: [[UInt8]], _ rules: Rules = .strict) throws(TokenizerError) {
        let total = pieces.reduce(0) { $0 + max($1.count, 16) }
        let limit = Int(Int32.max) / 4
        if pieces.count > limit { throw .tooLarge(field: "pieces", count: pieces.count, limit: limit) }
        if total > Int(Int32.max) { throw .tooLarge(field: "pieces' bytes", count: total, limit: Int(Int32.max)) }
        runs = ByteRuns(reserving: pieces.count, bytes: total)
        var capacity = 16
        while capacity < pieces.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = [TokenID](repeating: -1, count: capacity)
        var longest = 0
        for (id, piece) in pieces.enumerated() {
            // A slot without text gets a name of its own, as in llama.cpp; otherwise two of them would clash.
            runs.append(piece.isEmpty && rules == .strict ? Array("[EMPTY_\(id)]".utf8) : piece)
            longest = max(longest, runs.range(id).count)
        }
        self.longest = longest
        var clash: (TokenID, TokenID)?
        runs.bytes.withUnsafeBufferPointer { bytes in
            for id in 0..<runs.count {
                let range = runs.range(id)
                if range.isEmpty { continue }
                let slot = slot(of: bytes, range.lowerBound, range.count)
                if slots[slot] >= 0, rules == .strict {
                    clash = (slots[slot], TokenID(id))
                    return
                }
                slots[slot] = TokenID(id)
            }
        }
        if let (first, second) = clash {
            throw .duplicatePiece(
                piece: String(decoding: runs[Int(first)], as: UTF8.self),
                first: first,
                second: second,
            )
        }
    }

    /// The id of `text[from..<from + count]`, or -1.
    @inline(__always)
    func id(_ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ count: Int) -> TokenID {
        if count > longest { return -1 }
        return slots[slot(of: text, from, count)]
    }

    /// The id of a piece, or -1.
    func id(_ piece: [UInt8]) -> TokenID { piece.withUnsafeBufferPointer { id($0, 0, $0.count) } }

    /// Whether a piece is a text less the byte at `gap`; false for ids beyond the vocabulary.
    func piece(_ id: TokenID, is text: UnsafeBufferPointer<UInt8>, without gap: Int) -> Bool {
        guard Int(id) < runs.count else { return false }
        let range = runs.range(Int(id))
        if range.count != text.count - 1 { return false }
        return runs.bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<range.count
            where bytes[range.lowerBound + offset] != text[offset < gap ? offset : offset + 1] { return false }
            return true
        }
    }

    /// The slot that holds this text's id, or the free one where it belongs.
    @inline(__always)
    private func slot(of text: UnsafeBufferPointer<UInt8>, _ from: Int, _ count: Int) -> Int {
        var slot = Int(truncatingIfNeeded: ByteHash.hash(text, from, count)) & mask
        while slots[slot] >= 0, !holds(Int(slots[slot]), text, from, count) { slot = (slot + 1) & mask }
        return slot
    }

    @inline(__always)
    private func holds(_ id: Int, _ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ count: Int) -> Bool {
        let range = runs.range(id)
        if range.count != count { return false }
        return runs.bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<count where bytes[range.lowerBound + offset] != text[from + offset] { return false }
            return true
        }
    }
}
