/// One way of turning tokens' texts into a text, as the `tokenizers` library has them; made for streams.
///
/// A stage gets tokens one after the other and passes on tokens, which stages before it may have joined: what comes
/// before the first `next` of a joined token and behind it belongs to one.
enum TokenDecoderStage: Sendable {
    /// Characters of the byte alphabet become bytes; all tokens become one.
    case byteLevel
    /// Tokens are bytes, which become one text.
    case bytes
    /// `<0xXX>` become bytes; U+FFFD for each of those in a row when they aren't UTF-8 together, or only for those that
    /// belong to no character.
    case byteFallback(needsWholeRuns: Bool)
    case replace([UInt8], with: [UInt8])
    /// One token becomes a text.
    case whole([UInt8], becomes: [UInt8])
    /// Takes a mark off the first token, or off all until some text has come.
    case firstMark([UInt8], repeats: Bool)
    /// All tokens become one.
    case fuse
    /// Takes so many of a character off the ends of each token.
    case strip([UInt8], start: Int, stop: Int)
    /// Marks become spaces, and nothing in the first token if a text gets one in front.
    case metaspace(mark: [UInt8], dropsFirst: Bool)
    /// A space in front of all tokens but the first and those that go on a word.
    case wordPiece(prefix: [UInt8], cleansUp: Bool)
    /// Words' ends become spaces, but not the last one's.
    case wordEnd(suffix: [UInt8])
    /// Repeated tokens and the padding are dropped, word delimiters become spaces.
    case collapse(padding: [UInt8], delimiter: [UInt8], cleansUp: Bool)
    /// All tokens become one, with a space between.
    case spaced
}
