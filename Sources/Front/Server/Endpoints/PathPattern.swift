/// The path of an endpoint, with places for names: `/v1/responses/{response_id}/cancel`.
package struct PathPattern: Sendable, Hashable {
    private enum Segment: Hashable {
        case fixed(String)
        case name(String)
    }

    /// As written, which is also its spelling in `/openapi.json` and in metrics.
    package let text: String
    private let segments: [Segment]
    /// The last name takes the rest of the path, slashes and all.
    private let takesRest: Bool

    /// A pattern.
    ///
    /// - Parameter takesRest: The name at the end may have slashes, as models' names have.
    package init(_ text: String, takesRest: Bool = false) {
        self.text = text
        self.takesRest = takesRest
        segments = text.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            segment.hasPrefix("{") ? .name(String(segment.dropFirst().dropLast())) : .fixed(String(segment))
        }
    }

    /// The names of its places.
    package var names: [String] {
        segments.compactMap { segment in
            if case .name(let name) = segment { name } else { nil }
        }
    }

    /// What a path, without its query, has in the places, none of them empty; `nil` when the path is another.
    package func match(_ path: Substring) -> [String]? {
        var rest = path.split(separator: "/", omittingEmptySubsequences: false)
        if takesRest, rest.count > segments.count {
            let tail = rest[(segments.count - 1)...].joined(separator: "/")
            rest = Array(rest[..<(segments.count - 1)]) + [Substring(tail)]
        }
        guard rest.count == segments.count else { return nil }
        var values: [String] = []
        for (segment, text) in zip(segments, rest) {
            switch segment {
            case .fixed(let fixed): guard text == fixed else { return nil }
            case .name:
                guard !text.isEmpty else { return nil }
                values.append(Self.percentDecoded(text))
            }
        }
        return values
    }

    /// Text with its `%` escapes replaced.
    static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
