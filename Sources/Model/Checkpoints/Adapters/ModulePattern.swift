/// A regular expression of names of modules, as Python's `re` reads it, without what takes more than a pass over the name:
/// looking around and back.
///
/// The sets of states of all prefixes are followed at once, so that a match takes at most the pattern's size times the
/// name's. Method: https://swtch.com/~rsc/regexp/regexp1.html
package struct ModulePattern {
    /// Why a text isn't such an expression.
    package struct Problem: Error {
        let reason: String
    }

    /// One state of the automaton.
    enum Step {
        /// A byte of a set, then the next step.
        case byte(Set<UInt8>)
        /// Any of two steps, with no byte.
        case either(Int, Int)
        case jump(Int)
        /// The next step, at the start of the name.
        case start
        /// The next step, at its end.
        case end
        case match
    }

    private let steps: [Step]
    /// The whole of a pattern without anything special but dots, which match any byte.
    private let plain: [UInt8]?

    /// What a match costs for each byte of a name; plain patterns cost nothing.
    var stepCount: Int { steps.count }

    /// - Throws: `Problem` for what can't be read.
    package init(_ text: String) throws(Problem) {
        if text.utf8.allSatisfy({ !#"^$()[]{}*+?|\"#.utf8.contains($0) }) {
            (plain, steps) = (Array(text.utf8), [])
        } else {
            var parser = ModulePatternParser(text)
            (plain, steps) = (nil, try parser.parse())
        }
    }

    /// Whether the whole of a name matches.
    package func matches(_ name: some StringProtocol) -> Bool { matches(Array(name.utf8), from: 0) }

    /// Whether a name matches from its start or from behind one of its dots on, which is how PEFT finds the module that a
    /// rank or an alpha is meant for.
    package func matchesEnd(of name: String) -> Bool {
        let bytes = Array(name.utf8)
        return bytes.indices.contains { ($0 == 0 || bytes[$0 - 1] == UInt8(ascii: ".")) && matches(bytes, from: $0) }
    }

    private func matches(_ bytes: [UInt8], from first: Int) -> Bool {
        if let plain {
            return plain.count == bytes.count - first
                && zip(plain, bytes[first...]).allSatisfy { $0 == $1 || $0 == UInt8(ascii: ".") }
        }
        var states = Set<Int>()
        follow(0, first, bytes.count, &states)
        for position in first..<bytes.count {
            var next = Set<Int>()
            for state in states {
                guard case .byte(let set) = steps[state], set.contains(bytes[position]) else { continue }
                follow(state + 1, position + 1, bytes.count, &next)
            }
            guard !next.isEmpty else { return false }
            states = next
        }
        return states.contains { if case .match = steps[$0] { true } else { false } }
    }

    /// Adds a step and those that can be reached from it with no byte.
    private func follow(_ step: Int, _ position: Int, _ count: Int, _ states: inout Set<Int>) {
        var open = [step]
        while let next = open.popLast() {
            guard states.insert(next).inserted else { continue }
            switch steps[next] {
            case .byte, .match: break
            case .either(let one, let other): open += [one, other]
            case .jump(let target): open.append(target)
            case .start: if position == 0 { open.append(next + 1) }
            case .end: if position == count { open.append(next + 1) }
            }
        }
    }
}

/// Reads a pattern.
private struct ModulePatternParser {
    private typealias Problem = ModulePattern.Problem
    private indirect enum Node {
        case bytes(Set<UInt8>)
        case start
        case end
        case sequence([Node])
        case choice([Node])
        case repeated(Node, from: Int, to: Int?)
    }

    /// Most bytes of a pattern.
    private static let longest = 4096
    /// Most steps of its automaton.
    private static let mostSteps = 1024
    /// Most groups inside each other.
    private static let deepest = 32
    /// Most parts that are looked at for the automaton, those included that have no step.
    private static let mostParts = 64 * mostSteps

    private let text: [UInt8]
    private var position = 0
    private var depth = 0
    private var steps: [ModulePattern.Step] = []
    private var partCount = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    mutating func parse() throws(ModulePattern.Problem) -> [ModulePattern.Step] {
        guard text.count <= Self.longest else { throw Problem(reason: "it is longer than \(Self.longest) bytes") }
        let node = try choice()
        guard position == text.count else { throw Problem(reason: "there is a ')' too many") }
        try emit(node)
        steps.append(.match)
        return steps
    }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard let next, next == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func choice() throws(ModulePattern.Problem) -> Node {
        var branches: [Node] = []
        repeat {
            var parts: [Node] = []
            while let next, next != UInt8(ascii: "|"), next != UInt8(ascii: ")") { parts.append(try repeated()) }
            branches.append(.sequence(parts))
        } while take("|")
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func repeated() throws(ModulePattern.Problem) -> Node {
        let atom = try atom()
        var node = atom
        if take("*") {
            node = .repeated(atom, from: 0, to: nil)
        } else if take("+") {
            node = .repeated(atom, from: 1, to: nil)
        } else if take("?") {
            node = .repeated(atom, from: 0, to: 1)
        } else if take("{") {
            let low = number()
            let high = take(",") ? number() : low
            guard take("}"), let low, low <= 255, (high ?? low) >= low, (high ?? 0) <= 255 else {
                throw Problem(reason: "a repetition is {m}, {m,} or {m,n} of at most 255")
            }
            node = .repeated(atom, from: low, to: high)
        } else {
            return atom
        }
        // Whether few or many are tried first doesn't matter for the whole of a name.
        _ = take("?")
        if let next, "*+?{".utf8.contains(next) { throw Problem(reason: "a repetition is repeated") }
        return node
    }

    private mutating func number() -> Int? {
        let start = position
        while let next, next >= UInt8(ascii: "0"), next <= UInt8(ascii: "9"), position - start < 4 { position += 1 }
        return Int(String(decoding: text[start..<position], as: UTF8.self))
    }

    private mutating func atom() throws(ModulePattern.Problem) -> Node {
        guard let byte = next else { throw Problem(reason: "it ends too early") }
        position += 1
        switch byte {
        case UInt8(ascii: "."): return .bytes(Set(0...255).subtracting([10]))
        case UInt8(ascii: "^"): return .start
        case UInt8(ascii: "$"): return .end
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return .bytes(try set())
        case UInt8(ascii: "\\"): return .bytes(try escape())
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
            throw Problem(reason: "a repetition has nothing before it")
        default: return .bytes([byte])
        }
    }

    private mutating func group() throws(ModulePattern.Problem) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw Problem(reason: "it has more than \(Self.deepest) groups in each other")
        }
        if take("?") {
            if take("P") {
                guard take("<"), let end = text[position...].firstIndex(of: UInt8(ascii: ">")) else {
                    throw Problem(reason: "references aren't supported")
                }
                position = end + 1
            } else if !take(":") {
                throw Problem(reason: "looking around and flags aren't supported")
            }
        }
        let node = try choice()
        guard take(")") else { throw Problem(reason: "a ')' is missing") }
        return node
    }

    private static let digits = Set(UInt8(ascii: "0")...UInt8(ascii: "9"))
    private static let words = digits.union(UInt8(ascii: "a")...UInt8(ascii: "z"))
        .union(UInt8(ascii: "A")...UInt8(ascii: "Z")).union([UInt8(ascii: "_")])
    private static let spaces = Set(" \t\n\r\u{0B}\u{0C}".utf8)

    private mutating func escape() throws(ModulePattern.Problem) -> Set<UInt8> {
        guard let byte = next else { throw Problem(reason: "it ends in a backslash") }
        position += 1
        let all = Set<UInt8>(0...255)
        switch byte {
        case UInt8(ascii: "d"): return Self.digits
        case UInt8(ascii: "D"): return all.subtracting(Self.digits)
        case UInt8(ascii: "w"): return Self.words
        case UInt8(ascii: "W"): return all.subtracting(Self.words)
        case UInt8(ascii: "s"): return Self.spaces
        case UInt8(ascii: "S"): return all.subtracting(Self.spaces)
        default:
            guard !Self.words.contains(byte) || byte == UInt8(ascii: "_") else {
                throw Problem(reason: "'\\\(Character(UnicodeScalar(byte)))' isn't supported")
            }
            return [byte]
        }
    }

    private mutating func set() throws(ModulePattern.Problem) -> Set<UInt8> {
        let isInverted = take("^")
        var set = Set<UInt8>()
        var isFirst = true
        while isFirst || !take("]") {
            isFirst = false
            guard let byte = next else { throw Problem(reason: "a ']' is missing") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                set.formUnion(try escape())
            } else if position + 1 < text.count, text[position] == UInt8(ascii: "-"),
                text[position + 1] != UInt8(ascii: "]")
            {
                let last = text[position + 1]
                guard last >= byte, last != UInt8(ascii: "\\") else {
                    throw Problem(reason: "a range is the wrong way")
                }
                set.formUnion(byte...last)
                position += 2
            } else {
                set.insert(byte)
            }
        }
        return isInverted ? Set(0...255).subtracting(set) : set
    }

    private mutating func emit(_ node: Node) throws(ModulePattern.Problem) {
        partCount += 1
        guard steps.count < Self.mostSteps, partCount <= Self.mostParts else {
            throw Problem(reason: "its repetitions are too large")
        }
        switch node {
        case .bytes(let set): steps.append(.byte(set))
        case .start: steps.append(.start)
        case .end: steps.append(.end)
        case .sequence(let parts): for part in parts { try emit(part) }
        case .choice(let branches): try emitChoice(branches[...])
        case .repeated(let part, let low, let high):
            for _ in 0..<low { try emit(part) }
            guard let high else {
                let split = steps.count
                steps.append(.match)
                try emit(part)
                steps.append(.jump(split))
                steps[split] = .either(split + 1, steps.count)
                return
            }
            var splits: [Int] = []
            for _ in low..<high {
                splits.append(steps.count)
                steps.append(.match)
                try emit(part)
            }
            for split in splits { steps[split] = .either(split + 1, steps.count) }
        }
    }

    private mutating func emitChoice(_ branches: ArraySlice<Node>) throws(ModulePattern.Problem) {
        guard let first = branches.first else { return }
        guard branches.count > 1 else { return try emit(first) }
        let split = steps.count
        steps.append(.match)
        try emit(first)
        let jump = steps.count
        steps.append(.match)
        steps[split] = .either(split + 1, steps.count)
        try emitChoice(branches.dropFirst())
        steps[jump] = .jump(steps.count)
    }
}
