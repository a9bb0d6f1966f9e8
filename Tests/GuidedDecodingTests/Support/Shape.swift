import GuidedDecoding

/// A grammar in a form that a few lines can match by trying everything, to hold the engine against.
indirect enum Shape: Sendable {
    case word(String)
    case letters(String)
    case sequence([Shape])
    case choice([Shape])
    case repetition(Shape, Int, Int?)
    /// The whole grammar in parentheses.
    case nested

    /// A random shape over a few letters.
    static func random(_ depth: Int, recursive: Bool, _ generator: inout SeededGenerator) -> Shape {
        let word = { (generator: inout SeededGenerator) -> Shape in
            .word(
                String(
                    (0...Int.random(in: 0...1, using: &generator)).map { _ in
                        "abc".randomElement(using: &generator) ?? "a"
                    }
                )
            )
        }
        guard depth > 0 else { return word(&generator) }
        let parts = { (generator: inout SeededGenerator) -> [Shape] in
            (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                random(depth - 1, recursive: recursive, &generator)
            }
        }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return .letters(["ab", "bc", "abc"].randomElement(using: &generator) ?? "a")
        case 1, 2: return .sequence(parts(&generator))
        case 3, 4: return .choice(parts(&generator))
        case 5: return .repetition(random(depth - 1, recursive: recursive, &generator), 0, nil)
        case 6:
            let low = Int.random(in: 0...1, using: &generator)
            let high = low + Int.random(in: 0...2, using: &generator)
            return .repetition(random(depth - 1, recursive: recursive, &generator), low, high)
        default: return recursive ? .choice([.nested, word(&generator)]) : word(&generator)
        }
    }

    /// Where matches that begin at a place may end.
    func ends(_ text: [UInt8], _ start: Int, root: Shape) -> Set<Int> {
        switch self {
        case .word(let word):
            return text[start...].starts(with: Array(word.utf8)) ? [start + word.utf8.count] : []
        case .letters(let letters):
            return start < text.count && letters.utf8.contains(text[start]) ? [start + 1] : []
        case .sequence(let parts):
            return parts.reduce([start]) { places, part in
                Set(places.flatMap { part.ends(text, $0, root: root) })
            }
        case .choice(let parts): return Set(parts.flatMap { $0.ends(text, start, root: root) })
        case .repetition(let body, let minimum, let maximum):
            var reached: Set<Int> = [start]
            var result: Set<Int> = minimum == 0 ? [start] : []
            // Rounds beyond the text's length can't reach anything new.
            for round in 1...max(1, min(maximum ?? .max, minimum + text.count + 1)) where maximum != 0 {
                reached = Set(reached.flatMap { body.ends(text, $0, root: root) })
                if round >= minimum { result.formUnion(reached) }
            }
            return result
        case .nested:
            guard start < text.count, text[start] == UInt8(ascii: "(") else { return [] }
            return Set(
                root.ends(text, start + 1, root: root).compactMap {
                    $0 < text.count && text[$0] == UInt8(ascii: ")") ? $0 + 1 : nil
                }
            )
        }
    }

    func matches(_ text: [UInt8]) -> Bool { ends(text, 0, root: self).contains(text.count) }

    /// The same as nodes.
    func node(_ root: GrammarNode, _ builder: inout GrammarBuilder) throws -> GrammarNode {
        switch self {
        case .word(let word): return try builder.terminal(word)
        case .letters(let letters): return try builder.terminal(builder.byte(in: ByteSet(letters.utf8)))
        case .sequence(let parts): return try builder.sequence(parts.map { try $0.node(root, &builder) })
        case .choice(let parts): return try builder.choice(parts.map { try $0.node(root, &builder) })
        case .repetition(let body, let low, let high):
            return try builder.repetition(body.node(root, &builder), low, high)
        case .nested: return try builder.sequence([builder.terminal("("), root, builder.terminal(")")])
        }
    }

    /// The same as one expression; it isn't recursive.
    func expression(_ builder: inout GrammarBuilder) throws -> Expression {
        switch self {
        case .word(let word): return try builder.literal(word)
        case .letters(let letters): return try builder.byte(in: ByteSet(letters.utf8))
        case .sequence(let parts): return try builder.concatenation(parts.map { try $0.expression(&builder) })
        case .choice(let parts): return try builder.union(parts.map { try $0.expression(&builder) })
        case .repetition(let body, let low, let high):
            return try builder.repetition(body.expression(&builder), low, high)
        case .nested: return .nothing
        }
    }

    /// All texts over some letters of up to a length.
    static func texts(over letters: String, upTo length: Int) -> [[UInt8]] {
        var all: [[UInt8]] = [[]]
        var last: [[UInt8]] = [[]]
        for _ in 0..<length {
            last = last.flatMap { text in letters.utf8.map { text + [$0] } }
            all += last
        }
        return all
    }
}
