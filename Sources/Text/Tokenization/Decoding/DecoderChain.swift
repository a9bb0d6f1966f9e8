/// A decoder's stages on their way through a stream of tokens.
struct DecoderChain: Sendable {
    private var states: [DecoderState] = []

    /// - Parameters:
    ///   - stages: The stages; without any, tokens are joined with spaces.
    ///   - isAtStart: Whether the first token is the first of a whole text.
    init(_ stages: [TokenDecoderStage], isAtStart: Bool) {
        var isJoined = false
        for stage in stages {
            states.append(DecoderState(stage, isJoined: isJoined, isAtStart: isAtStart))
            isJoined = isJoined || stage.joins
        }
    }

    /// The text that is final with the next token.
    mutating func append(_ token: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        take(token, from: 0, into: &output)
        return output
    }

    /// The rest of the text.
    mutating func finish() -> [UInt8] {
        var output: [UInt8] = []
        for index in states.indices {
            var rest: [[UInt8]] = []
            states[index].finish { rest.append($0) }
            for token in rest { take(token, from: index + 1, into: &output) }
        }
        return output
    }

    private mutating func take(_ token: [UInt8], from index: Int, into output: inout [UInt8]) {
        if index == states.count {
            output.append(contentsOf: token)
            return
        }
        var next: [[UInt8]] = []
        states[index].take(token) { next.append($0) }
        for token in next { take(token, from: index + 1, into: &output) }
    }
}

extension TokenDecoderStage {
    /// Whether all tokens are one behind it.
    var joins: Bool {
        switch self {
        case .byteLevel, .bytes, .fuse, .spaced: true
        default: false
        }
    }

    /// Whether it can work on a token that comes in parts.
    var worksOnParts: Bool {
        switch self {
        case .replace, .fuse, .strip: true
        default: false
        }
    }
}
