package import OrderedJSON
internal import Tokenization

/// Keeps the text of control tokens that a user types inside a message from becoming control tokens.
///
/// A chat template is rendered as text, so in its output a user's `<|im_end|>` looks like the template's own. Each such
/// text inside a request's values is therefore marked before rendering with two noncharacters (U+FDD0 in front, U+FDD1
/// behind, which the standard keeps for such inner use), and afterwards the marks are taken out again; what stood
/// between them is tokenized as plain text. Values without such texts reach the template untouched.
package struct ControlTokenGuard: Sendable {
    /// A rendered prompt without marks, and which bytes of it came from users as texts of control tokens.
    package struct Unmarked: Sendable, Equatable {
        /// The prompt's UTF-8.
        package var text: [UInt8]
        /// Byte ranges in which no control token may be found; ascending, disjoint.
        package var plainRanges: [Range<Int>]
    }

    private static let opening: [UInt8] = [0xEF, 0xB7, 0x90]
    private static let closing: [UInt8] = [0xEF, 0xB7, 0x91]

    private var texts = ByteTrie()

    /// A guard for these texts.
    package init(controlTexts: some Sequence<[UInt8]>) {
        for text in controlTexts { texts.insert(text, value: 0) }
    }

    /// Marks control texts in every string of a value, keys included, and removes marks that were there already.
    package func mark(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .integer, .number: value
        case .string(let text): .string(mark(text))
        case .array(let elements): .array(elements.map(mark))
        case .object(let members): .object(mark(members))
        }
    }

    /// Marks control texts in every string of an object, keys included.
    package func mark(_ members: JSONObject) -> JSONObject {
        JSONObject(members.map { (mark($0.key), mark($0.value)) })
    }

    /// Marks control texts in a text.
    package func mark(_ text: String) -> String {
        let bytes = Self.withoutMarks(Array(text.utf8))
        let ranges = controlTexts(in: bytes)
        if ranges.isEmpty && bytes.count == text.utf8.count { return text }
        var marked: [UInt8] = []
        marked.reserveCapacity(bytes.count + 6 * ranges.count)
        var position = 0
        for range in ranges {
            marked += bytes[position..<range.lowerBound] + Self.opening + bytes[range] + Self.closing
            position = range.upperBound
        }
        marked += bytes[position...]
        return String(decoding: marked, as: UTF8.self)
    }

    /// Takes the marks out of a rendered prompt.
    ///
    /// A template may have cut a marked text apart: a mark without its
    /// partner is taken out and protects nothing, for what is left isn't the text that was marked.
    package func unmark(_ rendered: String) -> Unmarked {
        var result = Unmarked(text: [], plainRanges: [])
        let bytes = Array(rendered.utf8)
        if !bytes.contains(0xEF) { return Unmarked(text: bytes, plainRanges: []) }
        result.text.reserveCapacity(bytes.count)
        var start: Int?
        var position = 0
        while position < bytes.count {
            if Self.mark(Self.opening, isAt: position, of: bytes) {
                start = result.text.count
                position += Self.opening.count
            } else if Self.mark(Self.closing, isAt: position, of: bytes) {
                if let begin = start, begin < result.text.count { result.plainRanges.append(begin..<result.text.count) }
                start = nil
                position += Self.closing.count
            } else {
                result.text.append(bytes[position])
                position += 1
            }
        }
        return result
    }

    /// Where control texts are; overlapping ones are one range.
    private func controlTexts(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for start in bytes.indices {
            guard let end = longestMatch(in: bytes, from: start) else { continue }
            if let last = ranges.last, start < last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(end, last.upperBound)
            } else {
                ranges.append(start..<end)
            }
        }
        return ranges
    }

    private func longestMatch(in bytes: [UInt8], from start: Int) -> Int? {
        var node = texts.root(bytes[start])
        var position = start + 1
        var end: Int?
        while node >= 0 {
            if texts.values[Int(node)] >= 0 { end = position }
            if position == bytes.count { break }
            node = texts.child(of: node, bytes[position])
            position += 1
        }
        return end
    }

    private static func withoutMarks(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(0xEF) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if mark(opening, isAt: position, of: bytes) || mark(closing, isAt: position, of: bytes) {
                position += opening.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }

    private static func mark(_ mark: [UInt8], isAt position: Int, of bytes: [UInt8]) -> Bool {
        bytes[position] == 0xEF && bytes[position...].starts(with: mark)
    }
}
