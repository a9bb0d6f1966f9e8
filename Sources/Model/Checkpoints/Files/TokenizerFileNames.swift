/// The names of the files that describe a tokenizer, in the order in which they are looked for.
public enum TokenizerFileNames {
    /// The file of the `tokenizers` library, which counts before all others.
    public static let library = "tokenizer.json"
    /// Mistral's.
    public static let tekken = "tekken.json"
    /// SentencePiece's, or tiktoken's lines under its name.
    public static let sentencePiece = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model"]
    /// tiktoken's lines.
    public static let tiktoken = ["tiktoken.model", "qwen.tiktoken"]
    /// GPT-2's pieces, which need their merges.
    public static let pieces = "vocab.json"
    /// GPT-2's merges.
    public static let merges = "merges.txt"
    /// BERT's pieces.
    public static let wordPieces = "vocab.txt"
    /// What is said beside any of them.
    public static let settings = ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"]

    /// All of them.
    public static let all =
        [library, tekken] + sentencePiece + tiktoken + [pieces, merges, wordPieces] + settings

    /// Whether a tokenizer can be made of files with these names.
    public static func areEnough(_ names: Set<String>) -> Bool {
        let complete = [library, tekken, wordPieces] + sentencePiece + tiktoken
        return !names.isDisjoint(with: complete) || names.isSuperset(of: [pieces, merges])
    }
}
