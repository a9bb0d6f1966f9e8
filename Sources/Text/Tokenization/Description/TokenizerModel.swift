/// The algorithm that turns a text into pieces.
public enum TokenizerModel: Sendable, Equatable {
    /// Byte-level BPE with ranked merges ("gpt2" in GGUF; Radford et al. 2019). With the pre-tokenizer `gemma4` the
    /// same merges run on plain UTF-8 with U+2581 for spaces instead of the byte alphabet.
    case byteLevelBPE
    /// SentencePiece BPE: the neighbours whose joint piece has the best score are joined first ("llama" in GGUF).
    case sentencePieceBPE
    /// SentencePiece unigram: the segmentation with the best sum of scores ("t5" in GGUF; Kudo 2018).
    case unigram
}
