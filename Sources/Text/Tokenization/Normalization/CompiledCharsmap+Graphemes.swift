extension CompiledCharsmap {
    /// Longer clusters aren't looked up whole.
    private static let longestCluster = 5

    /// A text with each grapheme cluster replaced, or else each code point in it: the way of the `tokenizers` library.
    ///
    /// What begins with a rule's key is replaced as a whole, however much follows the key. Whatever the result begins with
    /// counts as the text's beginning, even when what was there has been dropped.
    func replaceGraphemes(in text: NormalizedText) -> NormalizedText {
        text.rewritten { rewriter in
            var place = 0
            for character in String(decoding: text.bytes, as: UTF8.self) {
                let count = character.utf8.count
                let cluster = Array(character.utf8)
                let isFirst = rewriter.output.bytes.isEmpty
                if count <= Self.longestCluster, let replacement = replacement(of: cluster[...]) {
                    rewriter.put(replacement, from: isFirst ? 0 : place)
                    place += count
                    continue
                }
                var from = 0
                while from < count {
                    let end = min(from + LenientUTF8.length(lead: cluster[from]), count)
                    let content = replacement(of: cluster[from..<end]) ?? cluster[from..<end]
                    rewriter.put(content, from: rewriter.output.bytes.isEmpty ? 0 : place + from)
                    from = end
                }
                place += count
            }
        }
    }

    private func replacement(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        text.withUnsafeBufferPointer(shortestMatch)
    }
}
