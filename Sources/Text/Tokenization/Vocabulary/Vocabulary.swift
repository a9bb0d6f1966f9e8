/// Everything about single tokens: text, attributes, roles, and the bytes each contributes to a text.
struct Vocabulary: Sendable {
    let table: PieceTable
    let attributes: [TokenAttributes]
    let special: SpecialTokens
    /// The bytes of each token in a text.
    private let contents: ByteRuns

    /// Checks the description's lists and resolves roles; `isPlainText` says that pieces are UTF-8 with U+2581.
    ///
    /// - Throws: `TokenizerError`.
    init(_ description: TokenizerDescription, isPlainText: Bool) throws(TokenizerError) {
        let count = description.pieces.count
        if count == 0 { throw .emptyVocabulary }
        for (field, length) in [("scores", description.scores.count), ("kinds", description.kinds.count)]
        where length != 0 && length != count {
            throw .countMismatch(field: field, count: length, expected: count)
        }
        for (id, score) in description.scores.enumerated() where score.isNaN {
            throw .invalidScore(id: TokenID(id), score: score)
        }
        table = try PieceTable(description.pieces)
        var attributes = description.kinds.map { TokenAttributes($0) }
        if attributes.isEmpty { attributes = [TokenAttributes](repeating: .normal, count: count) }
        special = try SpecialTokens(description, table, &attributes)
        Self.markStripping(description.modelName, table, &attributes)
        contents = try Self.contents(table, attributes, isPlainText: isPlainText)
        self.attributes = attributes
    }

    /// The bytes a token contributes; empty for ids beyond the vocabulary, and for special ones when skipped.
    func content(of id: TokenID, skipSpecialTokens: Bool) -> ArraySlice<UInt8> {
        guard id >= 0, Int(id) < table.count else { return [] }
        if skipSpecialTokens, !attributes[Int(id)].isDisjoint(with: .special) { return [] }
        return contents[Int(id)]
    }

    /// Most bytes of a text that one token stands for; `nil` when some take white space beside their own text.
    ///
    /// In plain-text pieces a mark may stand for a space or for itself, so they count as they are stored; and so do
    /// pieces that add nothing to a text but may come of one.
    func longestText(isPlainText: Bool) -> Int? {
        if attributes.contains(where: { $0.contains(.stripsRight) }) { return nil }
        if isPlainText { return table.longest }
        return (0..<table.count).reduce(0) { longest, id in
            let count = contents.range(id).count
            return max(longest, count > 0 ? count : table.runs.range(id).count)
        }
    }

    private static func contents(
        _ table: PieceTable,
        _ attributes: [TokenAttributes],
        isPlainText: Bool,
    ) throws(TokenizerError) -> ByteRuns {
        var contents = ByteRuns(reserving: table.count, bytes: table.runs.bytes.count)
        var content: [UInt8] = []
        for (id, attribute) in attributes.enumerated() {
            let piece = table.runs[id]
            content.removeAll(keepingCapacity: true)
            if !attribute.isDisjoint(with: .cutOut) {
                content.append(contentsOf: piece)
            } else if attribute.contains(.normal) {
                if isPlainText {
                    SpaceMark.unescape(piece, into: &content)
                } else {
                    ByteAlphabet.decode(piece, into: &content)
                }
            } else if attribute.contains(.byte) {
                guard let byte = BytePiece.byte(piece) else {
                    throw .malformedBytePiece(piece: String(decoding: piece, as: UTF8.self), id: TokenID(id))
                }
                content.append(byte)
            }
            contents.append(content)
        }
        return contents
    }

    /// Phi-3's special tokens swallow the white space after them, but for three.
    private static func markStripping(
        _ modelName: String,
        _ table: PieceTable,
        _ attributes: inout [TokenAttributes],
    ) {
        let name = modelName.lowercased()
        guard name.contains("phi-3") || name.contains("phi3") else { return }
        for id in attributes.indices where !attributes[id].isDisjoint(with: .cutOut) {
            attributes[id].insert(.stripsRight)
        }
        let end = table.id(Array("</s>".utf8))
        if end >= 0 { attributes[Int(end)].insert(.stripsRight) }
        for exception in ["<unk>", "<s>", "<|endoftext|>"] {
            let id = table.id(Array(exception.utf8))
            if id >= 0 { attributes[Int(id)].remove(.stripsRight) }
        }
    }
}
