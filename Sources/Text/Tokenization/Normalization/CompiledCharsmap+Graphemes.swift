extension CompiledCharsmap {
    /// Longer clusters aren't looked up whole.
    private static let longestCluster = 5

    /// A text with each grapheme cluster replaced, or else each code point in it: the way of the `tokenizers` library.
    ///
    /// What begins with a rule's key is replaced as a whole, however much follows the key.
    func replaceGraphemes(in text: NormalizedText) -> NormalizedText {
        text.rewritten { rewriter in
            var place = 0
            for character in String(decoding: text.bytes, as: UTF8.self) {
                let count = character.utf8.count
                let cluster = Array(character.utf8)
                if count <= Self.longestCluster, let replacement = replacement(of: cluster[...]) {
                    rewriter.put(replacement, from: place)
                    place += count
                    continue
                }
                var from = 0
                while from < count {
                    let end = min(from + LenientUTF8.length(lead: cluster[from]), count)
                    if let replacement = replacement(of: cluster[from..<end]) {
                        rewriter.put(replacement, from: place + from)
                    } else {
                        rewriter.copy(place + from..<place + end)
                    }
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
