/// BPE with ranked merges, as the `tokenizers` library has it: a word's characters, joined by rank.
struct MergeBPE: Sendable {
    /// The switches of a file's model.
    struct Options: Sendable {
        var unknown: TokenID?
        /// Whether unknown characters in a row are one unknown token.
        var fusesUnknown = false
        /// Whether characters that are no piece become the pieces `<0xXX>` of their bytes.
        var fallsBackToBytes = false
        /// Whether a word that is a piece is taken whole.
        var ignoresMerges = false
        /// Put in front of every character of a word but the first.
        var continuingPrefix: [UInt8] = []
        /// Put behind a word's last character.
        var endSuffix: [UInt8] = []
        /// Whether the text is bytes, of which each is its character in the byte alphabet.
        var spellsBytes = false
    }

    private let merges: MergeTable
    private let options: Options
    /// The pieces of the byte alphabet's characters, -1 for none.
    private let spelledBytes: [TokenID]
    /// The pieces `<0xXX>`, -1 for none.
    private let fallbackBytes: [TokenID]
    private let isPlain: Bool

    init(_ merges: MergeTable, _ options: Options, _ table: PieceTable) {
        self.merges = merges
        self.options = options
        spelledBytes = ByteAlphabet.characters.map { table.id($0) }
        fallbackBytes = (0..<256).map { table.id(BytePiece.name(UInt8($0))) }
        isPlain = options.continuingPrefix.isEmpty && options.endSuffix.isEmpty
    }

    /// Whether each byte of a text ends up in some token of a length that its piece's tells.
    var keepsEveryByte: Bool { options.spellsBytes && isPlain && spelledBytes.allSatisfy { $0 >= 0 } }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>,
        _ word: Range<Int>,
        _ table: PieceTable,
        _ merger: inout SymbolMerger,
        into output: inout [TokenID],
        _ poll: inout CancellationPoll,
    ) {
        if options.ignoresMerges {
            let id = whole(text, word, table)
            if id >= 0 { return output.append(id) }
        }
        merger.reset()
        if options.spellsBytes, isPlain {
            appendBytes(text, word, &merger)
        } else {
            appendCharacters(text, word, table, &merger)
        }
        merger.merge(
            { left, right in
                let found = merges.merge(left.id, right.id)
                return (found.rank, found.merged)
            },
            &poll
        )
        output.append(contentsOf: merger.ids)
    }

    /// The piece that is the whole word, or -1.
    private func whole(_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ table: PieceTable) -> TokenID {
        if !options.spellsBytes { return table.id(text, word.lowerBound, word.count) }
        if word.count > table.longest { return -1 }
        return table.id(Self.spelled(text[word]))
    }

    private static func spelled(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
        var spelled: [UInt8] = []
        spelled.reserveCapacity(bytes.count * 2)
        for byte in bytes { spelled.append(contentsOf: ByteAlphabet.characters[Int(byte)]) }
        return spelled
    }

    private func appendBytes(_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ merger: inout SymbolMerger) {
        var isUnknown = false
        for index in word {
            let id = spelledBytes[Int(text[index])]
            append(id, at: index, 1, &isUnknown, &merger)
        }
    }

    private func append(
        _ id: TokenID,
        at index: Int,
        _ length: Int,
        _ isUnknown: inout Bool,
        _ merger: inout SymbolMerger,
    ) {
        if id >= 0 {
            isUnknown = false
            merger.append(id, start: index, length: length)
        } else if let unknown = options.unknown {
            if isUnknown, options.fusesUnknown { return }
            isUnknown = true
            merger.append(unknown, start: index, length: length)
        }
    }

    private func appendCharacters(
        _ text: UnsafeBufferPointer<UInt8>,
        _ word: Range<Int>,
        _ table: PieceTable,
        _ merger: inout SymbolMerger,
    ) {
        var isUnknown = false
        var index = word.lowerBound
        while index < word.upperBound {
            let end = min(
                index + (options.spellsBytes ? 1 : LenientUTF8.length(lead: text[index])),
                word.upperBound
            )
            let id =
                isPlain && !options.spellsBytes
                ? table.id(text, index, end - index) : piece(text, index..<end, of: word, table)
            if id < 0, options.fallsBackToBytes, let bytes = fallback(text[index..<end]) {
                for (offset, byte) in bytes.enumerated() { merger.append(byte, start: index + offset, length: 1) }
            } else {
                append(id, at: index, end - index, &isUnknown, &merger)
            }
            index = end
        }
    }

    /// The piece of a character with what words' inner characters and ends carry.
    private func piece(
        _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        of word: Range<Int>,
        _ table: PieceTable,
    ) -> TokenID {
        var bytes = options.spellsBytes ? Self.spelled(text[range]) : Array(text[range])
        if range.lowerBound > word.lowerBound { bytes.insert(contentsOf: options.continuingPrefix, at: 0) }
        if range.upperBound == word.upperBound { bytes.append(contentsOf: options.endSuffix) }
        return table.id(bytes)
    }

    /// The byte pieces of a character, if all are there.
    private func fallback(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [TokenID]? {
        var ids: [TokenID] = []
        for byte in bytes {
            let id = fallbackBytes[Int(byte)]
            if id < 0 { return nil }
            ids.append(id)
        }
        return ids
    }
}
