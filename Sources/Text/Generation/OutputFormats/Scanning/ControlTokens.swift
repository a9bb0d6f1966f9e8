package import Tokenization

/// Control tokens in a stream of text: the token's text between two bytes that no UTF-8 text holds.
///
/// So a marker that a model wrote as a control token is told from the same letters in its text, and whoever looks for
/// markers looks for bytes.
package enum ControlFrame {
    /// Stands in front of a control token's text.
    package static let opening: UInt8 = 0xFF
    /// Stands behind it.
    package static let closing: UInt8 = 0xFE

    /// A control token's text as it stands in a stream.
    package static func framed(_ text: some Sequence<UInt8>) -> [UInt8] { [opening] + text + [closing] }

    /// Bytes of a stream as plain text: control tokens by their names.
    package static func unframed(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.filter { $0 != opening && $0 != closing }
    }
}

/// The texts of a vocabulary's control tokens, which decide how markers look in the stream of an output.
package struct ControlTokens: Sendable {
    private let texts: Set<[UInt8]>
    private let firstBytes: Set<UInt8>
    private let longest: Int

    /// Control tokens by their texts.
    package init(_ texts: some Sequence<[UInt8]>) {
        self.texts = Set(texts.filter { !$0.isEmpty })
        firstBytes = Set(self.texts.compactMap(\.first))
        longest = self.texts.map(\.count).max() ?? 0
    }

    /// The control tokens of a tokenizer.
    package init(_ tokenizer: Tokenizer) {
        let ids = (0..<TokenID(clamping: tokenizer.vocabularySize)).lazy.filter(tokenizer.isSpecial)
        self.init(ids.map { tokenizer.bytes(of: $0, skipSpecialTokens: false) })
    }

    /// Whether a text is the name of a control token.
    package func contains(_ name: String) -> Bool { texts.contains(Array(name.utf8)) }

    /// A marker as it stands in the stream: what of it is a control token of the vocabulary is framed, the longest first.
    package func form(_ marker: String) -> [UInt8] {
        let bytes = Array(marker.utf8)
        var form: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let most = firstBytes.contains(bytes[position]) ? min(longest, bytes.count - position) : 0
            let lengths = stride(from: most, to: 0, by: -1)
            if let length = lengths.first(where: { texts.contains(Array(bytes[position..<position + $0])) }) {
                form += ControlFrame.framed(bytes[position..<position + length])
                position += length
            } else {
                form.append(bytes[position])
                position += 1
            }
        }
        return form
    }
}
