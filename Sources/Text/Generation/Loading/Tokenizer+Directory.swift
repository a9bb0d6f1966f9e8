public import Checkpoints
public import Tokenization

extension Tokenizer {
    /// Most bytes of a tokenizer's file.
    private static let longestFile = 256 << 20

    /// Reads the tokenizer of a checkpoint's directory: `tokenizer.json`, or else `tekken.json`, `tokenizer.model`,
    /// tiktoken's lines, `vocab.json` with `merges.txt`, or `vocab.txt`, with what `tokenizer_config.json` and `special_tokens_map.json` say beside them.
    ///
    /// - Throws: `CheckpointError` naming the file and the field of whatever is missing, impossible or unknown.
    public init(directory: String) throws(CheckpointError) {
        func read(_ names: [String]) throws(CheckpointError) -> [UInt8]? {
            for name in names {
                if let bytes = try SmallFile.readIfThere("\(directory)/\(name)", limit: Self.longestFile) {
                    return bytes
                }
            }
            return nil
        }
        var files = TokenizerFiles()
        typealias Names = TokenizerFileNames
        files.configuration = try read(["tokenizer_config.json"])
        files.specialTokensMap = try read(["special_tokens_map.json"])
        files.tokenizer = try read([Names.library])
        if files.tokenizer == nil {
            files.tekken = try read([Names.tekken])
            files.sentencePiece = try read(Names.sentencePiece)
            files.tiktoken = try read(Names.tiktoken)
            files.pieces = try read([Names.pieces])
            files.merges = try read([Names.merges])
            files.wordPieces = try read([Names.wordPieces])
            files.addedTokens = try read(["added_tokens.json"])
        }
        do {
            try self.init(files)
        } catch {
            throw .unsupported(file: directory, reason: "\(error)")
        }
    }
}
