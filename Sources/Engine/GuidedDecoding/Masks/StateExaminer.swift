/// Walks a vocabulary with a state of an automaton alone.
struct StateExaminer {
    private let vocabulary: TokenVocabulary
    private let quotes: QuoteExits
    private var inside: TokenMask
    private var quoted: TokenMask
    private var exits: [Int32] = []
    private var endsAnywhere = false
    private var path = [Int32](repeating: 0, count: TokenVocabulary.longestToken * 2)
    /// With more nodes than these a state ends anywhere.
    private static let mostExits = 48

    init(_ vocabulary: TokenVocabulary, _ quotes: QuoteExits) {
        self.vocabulary = vocabulary
        self.quotes = quotes
        inside = TokenMask(count: vocabulary.count)
        quoted = inside
    }

    /// What a state says of all tokens.
    static func examine(
        _ state: Int32,
        _ automaton: inout LexicalAutomaton,
        _ vocabulary: TokenVocabulary,
        _ quotes: QuoteExits
    ) -> StateTokens {
        var examiner = StateExaminer(vocabulary, quotes)
        let node = automaton.expressions.node(automaton.expressionOfState[Int(state)])
        if node.kind == .trie {
            examiner.walkLiterals(node.first, automaton.expressions.tries)
        } else {
            examiner.walkClasses(state, &automaton)
        }
        return StateTokens(
            inside: StateTokens.Inside(examiner.inside),
            quoted: StateTokens.Inside(examiner.quoted),
            exits: examiner.exits,
            endsAnywhere: examiner.endsAnywhere
        )
    }

    private mutating func walkClasses(_ state: Int32, _ automaton: inout LexicalAutomaton) {
        let classes = vocabulary.classes
        let trie = classes.trie
        path[0] = state
        var node = 1
        while node < trie.count {
            let depth = Int(trie.depths[node])
            let next = automaton.next(path[depth - 1], class: trie.bytes[node])
            if next == LexicalAutomaton.mixed {
                let before = path[depth - 1]
                for member in classes.members(node) {
                    walkBytes(Int(member), automaton.next(before, vocabulary.trie.bytes[Int(member)]), &automaton)
                }
            }
            if next <= 0 {
                node = Int(trie.ends[node])
                continue
            }
            path[depth] = next
            classes.addTokens(node, to: &inside)
            if automaton.flags[Int(next)] & LexicalAutomaton.isAccepting != 0 { exit(classNode: node) }
            node += 1
        }
    }

    /// Walks the literals below a trie's node: they are far fewer than tokens.
    private mutating func walkLiterals(_ root: Int32, _ tries: LiteralTries) {
        let trie = vocabulary.trie
        var open: [(node: Int, literal: Int32)] = [(0, root)]
        while let (node, literal) = open.popLast() {
            for child in tries[literal].children {
                guard let below = trie.child(node, tries[child].byte) else { continue }
                for place in trie.tokens(at: below) { inside[trie.tokens[place]] = true }
                if tries[child].isEnd { exit(below) }
                open.append((below, child))
            }
        }
    }

    /// Walks what is below a node of the trie of bytes, which was reached with a state.
    private mutating func walkBytes(_ root: Int, _ state: Int32, _ automaton: inout LexicalAutomaton) {
        guard state != 0 else { return }
        let trie = vocabulary.trie
        let end = Int(trie.ends[root])
        path[Int(trie.depths[root])] = state
        var node = root
        while node < end {
            let depth = Int(trie.depths[node])
            let next = node == root ? state : automaton.next(path[depth - 1], trie.bytes[node])
            if next == 0 {
                node = Int(trie.ends[node])
                continue
            }
            path[depth] = next
            for place in trie.tokens(at: node) { inside[trie.tokens[place]] = true }
            if automaton.flags[Int(next)] & LexicalAutomaton.isAccepting != 0 { exit(node) }
            node += 1
        }
    }

    /// Takes in that a word ends at a node of the trie of classes.
    private mutating func exit(classNode node: Int) {
        let trie = vocabulary.classes.trie
        guard Int(trie.ends[node]) > node + 1 else { return }
        if quotes.isClassExit[node] {
            for token in trie.tokens(from: node).dropFirst(trie.tokens(at: node).count) { quoted[token] = true }
        } else {
            for member in vocabulary.classes.members(node) where !endsAnywhere { exit(Int(member)) }
        }
    }

    /// Takes in that a word ends at a node of the trie of bytes.
    private mutating func exit(_ node: Int) {
        let trie = vocabulary.trie
        guard Int(trie.ends[node]) > node + 1 else { return }
        if quotes.isExit[node] {
            for token in trie.tokens(from: node).dropFirst(trie.tokens(at: node).count) { quoted[token] = true }
        } else if exits.count < Self.mostExits {
            exits.append(Int32(node))
        } else {
            endsAnywhere = true
        }
    }

    /// What a state says of all tokens that can go on with the same of them until the quote that ends a string.
    static func ends(
        _ state: Int32,
        within inside: TokenMask,
        _ automaton: inout LexicalAutomaton,
        _ vocabulary: TokenVocabulary,
        _ quotes: QuoteExits
    ) -> StateTokens {
        let (trie, tokens) = (quotes.prefixes, vocabulary.trie)
        var path = [Int32](repeating: state, count: TokenVocabulary.longestToken * 2)
        var closing: [Int32] = []
        var quoted: [Int32] = []
        var node = 1
        while node < trie.count {
            let depth = Int(trie.depths[node])
            let next = automaton.next(path[depth - 1], trie.bytes[node])
            path[depth] = next
            if automaton.flags[Int(next)] & LexicalAutomaton.isAccepting != 0 {
                for place in trie.tokens(at: node) {
                    let exit = Int(trie.tokens[place])
                    let ending = tokens.tokens(at: exit).count
                    closing.append(contentsOf: tokens.tokens(from: exit).prefix(ending))
                    quoted.append(contentsOf: tokens.tokens(from: exit).dropFirst(ending))
                }
            }
            node = next == 0 ? Int(trie.ends[node]) : node + 1
        }
        return StateTokens(
            inside: .both(inside, closing),
            quoted: .list(quoted),
            exits: [],
            endsAnywhere: false
        )
    }

    /// The long tokens that two states don't say the same of; they say the same of all others.
    static func differences(
        _ first: Int32,
        _ second: Int32,
        _ automaton: inout LexicalAutomaton,
        _ vocabulary: TokenVocabulary
    ) -> [Int32] {
        let trie = vocabulary.longTokens
        var path = [(Int32, Int32)](repeating: (0, 0), count: TokenVocabulary.longestToken * 2)
        path[0] = (first, second)
        var result: [Int32] = []
        var node = 1
        while node < trie.count {
            let depth = Int(trie.depths[node])
            let byte = trie.bytes[node]
            let left = automaton.next(path[depth - 1].0, byte)
            let right = automaton.next(path[depth - 1].1, byte)
            let accepting = LexicalAutomaton.isAccepting
            let differs = (automaton.flags[Int(left)] ^ automaton.flags[Int(right)]) & accepting != 0
            if differs || (left == 0) != (right == 0) {
                result.append(contentsOf: trie.tokens(from: node))
                node = Int(trie.ends[node])
            } else if left == right {
                node = Int(trie.ends[node])
            } else {
                path[depth] = (left, right)
                node += 1
            }
        }
        return result
    }
}
