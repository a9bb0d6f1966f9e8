/// A text on its way through normalization, with the places it comes of where somebody asks for them.
struct NormalizedText: Sendable, Equatable {
    /// Valid UTF-8.
    var bytes: [UInt8]
    /// For each byte a place in the text as it was given; `nil` when nobody asks.
    var origins: [Int32]?

    var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

    /// Another text made of this one, piece by piece.
    func rewritten(_ body: (inout TextRewriter) -> Void) -> NormalizedText {
        var rewriter = TextRewriter(self)
        body(&rewriter)
        return rewriter.output
    }

    /// Each code point with its place.
    func forEachScalar(_ body: (_ scalar: UInt32, _ place: Range<Int>) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (scalar, length) = LenientUTF8.decode(bytes, at: index)
                body(scalar, index..<index + length)
                index += length
            }
        }
    }

    /// The text with some code points changed: into others, nothing, or themselves.
    func mapScalars(_ change: (_ scalar: UInt32) -> ScalarChange) -> NormalizedText {
        rewritten { rewriter in
            forEachScalar { scalar, place in
                switch change(scalar) {
                case .keep: rewriter.copy(place)
                case .drop: break
                case .replace(let bytes): rewriter.put(bytes, from: place.lowerBound)
                }
            }
        }
    }

    enum ScalarChange {
        case keep
        case drop
        case replace([UInt8])
    }
}

/// Writes a text made of another.
struct TextRewriter {
    private let source: NormalizedText
    private(set) var output: NormalizedText

    init(_ source: NormalizedText) {
        self.source = source
        output = NormalizedText(bytes: [], origins: source.origins == nil ? nil : [])
        output.bytes.reserveCapacity(source.bytes.count + source.bytes.count / 4)
    }

    /// Appends a stretch of the source.
    mutating func copy(_ range: Range<Int>) {
        output.bytes.append(contentsOf: source.bytes[range])
        if let origins = source.origins { output.origins?.append(contentsOf: origins[range]) }
    }

    /// Appends bytes that come of a place in the source.
    mutating func put(_ bytes: some Collection<UInt8>, from place: Int) {
        output.bytes.append(contentsOf: bytes)
        if let origins = source.origins {
            let origin = place < origins.count ? origins[place] : origins.last ?? 0
            output.origins?.append(contentsOf: repeatElement(origin, count: bytes.count))
        }
    }

    /// Appends a code point that comes of a place in the source.
    mutating func put(_ scalar: UInt32, from place: Int) {
        var bytes: [UInt8] = []
        LenientUTF8.append(scalar, to: &bytes)
        put(bytes, from: place)
    }
}
