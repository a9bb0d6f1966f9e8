internal import OrderedJSON

/// Reads the model of a `tokenizer.json`.
struct ModelReader {
    private let value: FileValue

    init(_ value: FileValue) { self.value = value }

    /// Whether the model can take bytes in place of the byte alphabet's characters.
    func takesBytes() throws(TokenizerError) -> Bool { try kind() == "BPE" }

    /// The kind, which older files don't name.
    private func kind() throws(TokenizerError) -> String {
        if let kind = value["type"] { return try kind.string() }
        if value["merges"] != nil { return "BPE" }
        if value["vocab"]?.value.arrayValue != nil { return "Unigram" }
        return value["max_input_chars_per_word"] != nil ? "WordPiece" : "WordLevel"
    }

    func read(spellsBytes: Bool) throws(TokenizerError) -> (PieceTable, PieceModel) {
        let kind = try kind()
        switch kind {
        case "BPE": return try bpe(spellsBytes)
        case "Unigram": return try unigram()
        case "WordPiece":
            let table = try vocabulary()
            let model = WordPiece(
                table,
                continuingPrefix: try value["continuing_subword_prefix"]?.bytes() ?? Array("##".utf8),
                unknown: try unknown(table),
                longestWord: try value["max_input_chars_per_word"]?.integer(in: 0...1_000_000) ?? 100,
            )
            return (table, .wordPiece(model))
        case "WordLevel":
            let table = try vocabulary()
            return (table, .wordLevel(unknown: try unknown(table)))
        default: throw value.unknownKind(kind, "model")
        }
    }

    private func unknown(_ table: PieceTable) throws(TokenizerError) -> TokenID? {
        guard let text = try value["unk_token"]?.bytes() else { return nil }
        let id = table.id(text)
        return id < 0 ? nil : id
    }

    /// Pieces from an object of texts and ids; ids between them may be missing.
    private func vocabulary() throws(TokenizerError) -> PieceTable {
        let field = try value.required("vocab")
        let entries = try field.object()
        var highest = -1
        for (text, id) in entries {
            guard let id = id.integerValue, (0..<FileLimits.ids).contains(id) else {
                throw field.failure("'\(FileValue.excerpt(text))' has no id from 0 to \(FileLimits.ids - 1)")
            }
            highest = max(highest, id)
        }
        var pieces = [[UInt8]](repeating: [], count: highest + 1)
        for (text, id) in entries {
            guard let id = id.integerValue else { continue }
            if !pieces[id].isEmpty {
                throw .malformedFile(
                    field: field.path,
                    reason: "'\(FileValue.excerpt(text))' has the id \(id) of another piece"
                )
            }
            pieces[id] = Array(text.utf8)
        }
        return try PieceTable(pieces, .lenient)
    }

    private func bpe(_ spellsBytes: Bool) throws(TokenizerError) -> (PieceTable, PieceModel) {
        let table = try vocabulary()
        var options = MergeBPE.Options()
        options.unknown = try unknown(table)
        options.fusesUnknown = try value.flag("fuse_unk", default: false)
        options.fallsBackToBytes = try value.flag("byte_fallback", default: false)
        options.ignoresMerges = try value.flag("ignore_merges", default: false)
        options.continuingPrefix = try value["continuing_subword_prefix"]?.bytes() ?? []
        options.endSuffix = try value["end_of_word_suffix"]?.bytes() ?? []
        options.spellsBytes = spellsBytes
        let merges = try merges(table, continuingPrefix: options.continuingPrefix)
        return (table, .bpe(MergeBPE(merges, options, table)))
    }

    /// Merges by rank, each "left right" or a list of both.
    private func merges(_ table: PieceTable, continuingPrefix: [UInt8]) throws(TokenizerError) -> MergeTable {
        let field = try value.required("merges")
        guard let entries = field.value.arrayValue else { throw field.failure("expected a list") }
        if entries.count > FileLimits.merges {
            throw .tooLarge(field: field.path, count: entries.count, limit: FileLimits.merges)
        }
        var merges = MergeTable(capacity: entries.count)
        for (rank, entry) in entries.enumerated() {
            guard let (left, right) = Self.parts(entry) else {
                throw .malformedMerge(merge: FileValue.excerpt(entry.stringValue ?? entry.kindName), rank: rank)
            }
            let joined = left + right.dropFirst(continuingPrefix.count)
            let ids = [left, right, joined].map { table.id($0) }
            if let missing = ids.firstIndex(of: -1) {
                let text = { (bytes: [UInt8]) in FileValue.excerpt(String(decoding: bytes, as: UTF8.self)) }
                throw .mergeOfUnknownPiece(
                    merge: "\(text(left)) \(text(right))",
                    rank: rank,
                    piece: text([left, right, joined][missing])
                )
            }
            merges.replace(ids[0], ids[1], rank: UInt32(truncatingIfNeeded: rank), merged: ids[2])
        }
        return merges
    }

    private static func parts(_ entry: JSONValue) -> ([UInt8], [UInt8])? {
        if let pair = entry.arrayValue {
            guard pair.count == 2, let left = pair[0].stringValue, let right = pair[1].stringValue else { return nil }
            return (Array(left.utf8), Array(right.utf8))
        }
        guard let text = entry.stringValue.map({ Array($0.utf8) }), let space = text.firstIndex(of: 0x20) else {
            return nil
        }
        let right = Array(text[(space + 1)...])
        return right.contains(0x20) ? nil : (Array(text[..<space]), right)
    }

    /// Pieces from a list of texts and scores, in the order of their ids.
    private func unigram() throws(TokenizerError) -> (PieceTable, PieceModel) {
        let field = try value.required("vocab")
        guard let entries = field.value.arrayValue else { throw field.failure("expected a list") }
        if entries.count > FileLimits.ids {
            throw .tooLarge(field: field.path, count: entries.count, limit: FileLimits.ids)
        }
        var pieces: [[UInt8]] = []
        var scores: [Double] = []
        for (id, entry) in entries.enumerated() {
            guard let pair = entry.arrayValue, pair.count == 2, let text = pair[0].stringValue,
                let score = pair[1].doubleValue, score.isFinite
            else { throw field.failure("piece \(id) is no text with a score") }
            pieces.append(Array(text.utf8))
            scores.append(score)
        }
        var unknown: TokenID?
        if let id = value["unk_id"] { unknown = TokenID(try id.integer(in: 0...max(0, pieces.count - 1))) }
        if pieces.isEmpty { throw .emptyVocabulary }
        let table = try PieceTable(pieces, .lenient)
        let model = UnigramPieces(
            table,
            scores: scores,
            unknown: unknown,
            fallsBackToBytes: try value.flag("byte_fallback", default: false),
        )
        return (table, .unigram(model))
    }
}
