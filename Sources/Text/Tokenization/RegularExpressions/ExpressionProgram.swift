/// A regular expression as instructions for a matcher that tries one way after the other.
struct ExpressionProgram: Sendable {
    enum Instruction: Sendable {
        /// One code point of the set of this number.
        case set(Int)
        /// Goes on at the first place, or else at the second; `mark` numbers the forks.
        case fork(Int, Int, mark: Int)
        case jump(Int)
        case anchor(ExpressionTree.Anchor)
        /// Whether the next code point is in a set, or isn't.
        case nextIs(Int, Bool)
        /// Whether the code point before is in a set, or isn't.
        case previousIs(Int, Bool)
        /// Whether the program at a place matches here, or doesn't; goes on at `next`.
        case look(at: Int, isNegative: Bool, next: Int)
        case match
    }

    /// Most instructions, and most steps to make them, so that repetitions of repetitions can't grow without bound.
    private static let longestProgram = 4096
    private static let mostSteps = 1 << 16
    /// Most forks: a matcher remembers each for every place in a text.
    private static let mostForks = 256
    /// Most different sets.
    private static let mostSets = 64
    /// Most code points that a look ahead may look at, so that it takes bounded time.
    private static let longestLook = 64

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [CodePointMap] = []
    private var known: [CodePointRanges] = []
    /// The number of forks.
    private(set) var marks = 0
    private var steps = 0

    init(_ tree: ExpressionTree) throws(ExpressionError) {
        try append(tree)
        try emit(.match)
    }

    private mutating func emit(_ instruction: Instruction) throws(ExpressionError) {
        if instructions.count >= Self.longestProgram {
            throw ExpressionError(reason: "more than \(Self.longestProgram) instructions", place: 0)
        }
        instructions.append(instruction)
    }

    private mutating func number(of set: CodePointRanges) throws(ExpressionError) -> Int {
        if let index = known.firstIndex(of: set) { return index }
        if known.count >= Self.mostSets {
            throw ExpressionError(reason: "more than \(Self.mostSets) different sets", place: 0)
        }
        known.append(set)
        sets.append(CodePointMap(set))
        return known.count - 1
    }

    private mutating func fork() throws(ExpressionError) -> Int {
        if marks >= Self.mostForks {
            throw ExpressionError(reason: "more than \(Self.mostForks) choices", place: 0)
        }
        marks += 1
        try emit(.fork(0, 0, mark: marks - 1))
        return instructions.count - 1
    }

    private mutating func aim(_ fork: Int, _ first: Int, _ second: Int) {
        guard case .fork(_, _, let mark) = instructions[fork] else { return }
        instructions[fork] = .fork(first, second, mark: mark)
    }

    private mutating func append(_ tree: ExpressionTree) throws(ExpressionError) {
        steps += 1
        if steps > Self.mostSteps { throw ExpressionError(reason: "more than \(Self.mostSteps) steps", place: 0) }
        switch tree {
        case .empty: break
        case .set(let set): try emit(.set(try number(of: set)))
        case .sequence(let parts): for part in parts { try append(part) }
        case .alternatives(let parts): try append(alternatives: parts)
        case .repeated(let part, let minimum, let maximum, let kind):
            if kind == .possessive {
                try append(possessive: part, minimum, maximum)
            } else {
                try append(repeating: part, minimum, maximum, isLazy: kind == .lazy)
            }
        case .lookahead(.set(let set), let isNegative): try emit(.nextIs(try number(of: set), !isNegative))
        case .lookahead(let part, let isNegative): try append(look: part, isNegative: isNegative)
        case .lookbehind(let set, let isNegative): try emit(.previousIs(try number(of: set), !isNegative))
        case .anchor(let anchor): try emit(.anchor(anchor))
        }
    }

    private mutating func append(alternatives parts: [ExpressionTree]) throws(ExpressionError) {
        var ends: [Int] = []
        for part in parts.dropLast() {
            let fork = try fork()
            try append(part)
            ends.append(instructions.count)
            try emit(.jump(0))
            aim(fork, fork + 1, instructions.count)
        }
        if let last = parts.last { try append(last) }
        for end in ends { instructions[end] = .jump(instructions.count) }
    }

    private mutating func append(
        repeating part: ExpressionTree,
        _ minimum: Int,
        _ maximum: Int?,
        isLazy: Bool,
    ) throws(ExpressionError) {
        for _ in 0..<minimum { try append(part) }
        func aims(_ fork: Int, _ inside: Int, _ outside: Int) -> (Int, Int) {
            isLazy ? (outside, inside) : (inside, outside)
        }
        guard let maximum else {
            let fork = try fork()
            try append(part)
            try emit(.jump(fork))
            let (first, second) = aims(fork, fork + 1, instructions.count)
            aim(fork, first, second)
            return
        }
        var forks: [Int] = []
        for _ in minimum..<max(minimum, maximum) {
            forks.append(try fork())
            try append(part)
        }
        for fork in forks {
            let (first, second) = aims(fork, fork + 1, instructions.count)
            aim(fork, first, second)
        }
    }

    /// `X++`, which gives nothing back: for one code point the same as `X+(?!X)`, unless the most are reached.
    private mutating func append(
        possessive part: ExpressionTree,
        _ minimum: Int,
        _ maximum: Int?,
    ) throws(ExpressionError) {
        guard case .set(let set) = part else {
            throw ExpressionError(reason: "a group that gives nothing back holds more than one character", place: 0)
        }
        if let maximum, maximum - minimum > Self.longestLook {
            throw ExpressionError(reason: "a repetition that gives nothing back has more than 64 choices", place: 0)
        }
        for _ in 0..<minimum { try append(part) }
        let stop = ExpressionTree.lookahead(part, isNegative: true)
        guard let maximum else {
            try append(repeating: .set(set), 0, nil, isLazy: false)
            return try append(stop)
        }
        var tree = ExpressionTree.empty
        for _ in minimum..<max(minimum, maximum) { tree = .alternatives([.sequence([part, tree]), stop]) }
        try append(tree)
    }

    private mutating func append(look part: ExpressionTree, isNegative: Bool) throws(ExpressionError) {
        guard let longest = part.longest, longest <= Self.longestLook else {
            throw ExpressionError(reason: "a look ahead at more than \(Self.longestLook) characters", place: 0)
        }
        let place = instructions.count
        try emit(.match)
        try append(part)
        try emit(.match)
        instructions[place] = .look(at: place + 1, isNegative: isNegative, next: instructions.count)
    }
}
