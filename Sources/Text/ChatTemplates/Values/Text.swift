/// A text as templates see it: code points, compared one by one, never as what they look like.
struct Text {
    private enum Storage {
        case plain([UInt8])
        case counted(CountedBytes)
    }

    private let storage: Storage
    /// Whether the text is safe HTML, which escapes what is added to it.
    let isMarkup: Bool

    /// A text whose memory isn't counted by itself.
    init(bytes: [UInt8], isMarkup: Bool = false) {
        storage = .plain(bytes)
        self.isMarkup = isMarkup
    }

    /// A text whose memory is counted.
    ///
    /// Short ones are counted by the containers and variables they are in instead.
    init(bytes: [UInt8], isMarkup: Bool = false, _ memory: Memory) {
        let isLong = bytes.count > CountedBytes.shortest
        storage = isLong ? .counted(CountedBytes(bytes, memory)) : .plain(bytes)
        self.isMarkup = isMarkup
    }

    private init(_ storage: Storage, isMarkup: Bool) {
        self.storage = storage
        self.isMarkup = isMarkup
    }

    init(_ text: String) { self.init(bytes: Array(text.utf8)) }

    /// Valid UTF-8.
    var bytes: [UInt8] {
        switch storage {
        case .plain(let bytes): bytes
        case .counted(let counted): counted.bytes
        }
    }

    /// The same text as safe HTML.
    var markup: Text { Text(storage, isMarkup: true) }

    /// Bytes of memory that aren't counted by the text itself.
    var uncounted: Int {
        guard case .plain(let bytes) = storage, !bytes.isEmpty else { return 0 }
        return bytes.count + 48
    }

    /// How many code points there are.
    var count: Int { UTF8Text.count(bytes) }

    var isEmpty: Bool { bytes.isEmpty }

    var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

    /// The code points.
    var scalars: UTF8Text.Scalars { UTF8Text.Scalars(bytes) }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The beginning of the text, for messages.
    var excerpt: String { String(decoding: bytes.prefix(128), as: UTF8.self).excerpt() }

    /// The bytes of a range of code points.
    func slice(_ range: Range<Int>) -> [UInt8] {
        if isASCII { return Array(bytes[range]) }
        let start = byteOffset(of: range.lowerBound)
        return Array(bytes[start..<byteOffset(of: range.upperBound)])
    }

    /// The byte where a code point starts.
    func byteOffset(of scalar: Int) -> Int {
        var remaining = scalar
        for (index, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            if remaining == 0 { return index }
            remaining -= 1
        }
        return bytes.count
    }
}

extension Text: Hashable, Comparable {
    static func == (left: Text, right: Text) -> Bool { left.bytes == right.bytes }

    static func < (left: Text, right: Text) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// The bytes of a long text, counted as long as they are kept.
private final class CountedBytes: Counted {
    /// Up to this length counting a text would cost more than the text.
    static let shortest = 256

    let bytes: [UInt8]

    init(_ bytes: [UInt8], _ memory: Memory) {
        self.bytes = bytes
        super.init(memory, weight: bytes.count + 128)
    }
}
