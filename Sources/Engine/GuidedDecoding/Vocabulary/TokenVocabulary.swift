/// The tokens of a model as grammars see them: bytes, and special tokens by their names.
///
/// Made once for a model.
public struct TokenVocabulary: Sendable {
    /// Longer tokens are never allowed.
    static let longestToken = 1024
    /// The byte before and behind a special token's name; no text contains it.
    static let specialMark: UInt8 = 0xFF

    /// Number of token ids.
    public let count: Int
    /// The bytes by which each token is matched; none for those that are never allowed.
    let words: TokenBytes
    /// All tokens that have bytes.
    let trie: TokenTrie
    /// The same by classes of bytes.
    let classes: ClassTrie
    /// The tokens of more than `commonLength` bytes.
    let longTokens: TokenTrie
    /// Bytes of the longest token.
    let longestWord: Int
    /// Whether any text can be put together of tokens: each byte that UTF-8 has is a token.
    let spellsAllText: Bool
    /// The names of the special tokens.
    let specialNames: Set<[UInt8]>

    /// Tokens of up to so many bytes are looked at first, all that are longer by themselves.
    static let commonLength = 32

    /// A vocabulary.
    ///
    /// - Parameters:
    ///   - tokens: the bytes of each token, by its id; tokens without bytes are never allowed.
    ///   - special: the names of special tokens by their ids: they are allowed only where a grammar names them, and never
    ///     for the text of their name.
    public init(tokens: [[UInt8]], special: [Int32: String] = [:]) {
        count = tokens.count
        words = TokenBytes(
            tokens.enumerated().map { id, bytes in
                if let name = special[Int32(id)] { return Self.specialWord(Array(name.utf8)) }
                return bytes.contains(Self.specialMark) || bytes.count > Self.longestToken ? [] : bytes
            }
        )
        specialNames = Set(special.values.map { Array($0.utf8) })
        let single = ByteSet(
            (0..<Int32(count)).compactMap { [words] in
                words.bytes(of: $0).count == 1 ? words.bytes(of: $0).first : nil
            }
        )
        spellsAllText =
            ByteSet(0...0xF4).intersection(single.inverted).intersection(ByteSet([0xC0, 0xC1]).inverted).isEmpty
        longestWord = (0..<Int32(count)).reduce(0) { [words] in max($0, words.bytes(of: $1).count) }
        var entries: [TokenTrie.Entry] = []
        for token in 0..<Int32(count) where !words.bytes(of: token).isEmpty {
            entries.append(TokenTrie.Entry(token: token, offset: 0))
        }
        trie = TokenTrie(entries, of: words)
        classes = ClassTrie(trie, words, entries: entries)
        let words = words
        longTokens = TokenTrie(entries.filter { words.bytes(of: $0).count > Self.commonLength }, of: words)
    }

    /// The bytes that stand for a special token.
    static func specialWord(_ name: [UInt8]) -> [UInt8] { [specialMark] + name + [specialMark] }
}
