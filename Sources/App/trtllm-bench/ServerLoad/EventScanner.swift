internal import Glibc
internal import OrderedJSON

/// Finds in the bytes of a streamed completion what a measurement needs, without reading each event as JSON.
///
/// In JSON a quote inside of a text is escaped. So `"choices"` with its quotes, followed by a colon, is a key wherever it
/// stands. Only events that come once are parsed: usage and errors.
package struct EventScanner: Sendable {
    /// What an event tells; one may tell several.
    package enum Finding: Sendable, Hashable {
        /// A piece of the answer.
        case piece
        /// How many tokens were generated.
        case usage(completionTokens: Int)
        /// The server gave up.
        case failure(String)
        /// The last event.
        case done
    }

    /// The start of a line whose end hasn't come.
    private var held: [UInt8] = []

    /// A scanner at the start of a stream.
    package init() {}

    /// Takes the next bytes and tells what the lines that they complete hold.
    package mutating func scan(_ bytes: UnsafeRawBufferPointer, _ tell: (Finding) -> Void) {
        var rest = bytes
        while let end = Self.firstIndex(of: UInt8(ascii: "\n"), in: rest) {
            let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
            if held.isEmpty {
                Self.read(line, tell)
            } else {
                held.append(contentsOf: line)
                held.withUnsafeBytes { Self.read($0, tell) }
                held.removeAll(keepingCapacity: true)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        held.append(contentsOf: rest)
    }

    /// A line without its end; comments, other fields and blank lines tell nothing.
    private static func read(_ line: UnsafeRawBufferPointer, _ tell: (Finding) -> Void) {
        let name = "data:".utf8
        guard line.starts(with: name) else { return }
        var data = line[name.count...]
        if data.last == UInt8(ascii: "\r") { data.removeLast() }
        data = data.drop { $0 == UInt8(ascii: " ") }
        guard !data.elementsEqual("[DONE]".utf8) else { return tell(.done) }
        let event = UnsafeRawBufferPointer(rebasing: data)
        let choices = value(of: "\"choices\"", in: event)
        let isError = value(of: "\"error\"", in: event).map { $0.first != UInt8(ascii: "n") } ?? (choices == nil)
        if let choices, choices.dropFirst().first(where: { $0 > 0x20 }) != UInt8(ascii: "]"), !isError { tell(.piece) }
        let hasUsage = value(of: "\"usage\"", in: event)?.first == UInt8(ascii: "{")
        guard isError || hasUsage else { return }
        do {
            let json = try JSONParser.parse(Array(event))
            if isError {
                let message = json["error"]?["message"] ?? json["error"] ?? json["message"] ?? json
                tell(.failure(message.stringValue ?? message.serializedText))
            } else if let count = json["usage"]?["completion_tokens"]?.integerValue {
                tell(.usage(completionTokens: count))
            }
        } catch {
            tell(.failure("an event isn't JSON: \(error)"))
        }
    }

    /// What follows the colon behind a quoted key; `nil` where the text isn't a key.
    private static func value(of key: StaticString, in event: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer>?
    {
        let length = key.utf8CodeUnitCount
        var from = 0
        while let quote = firstIndex(of: UInt8(ascii: "\""), in: event, from: from),
            let start = event.baseAddress, quote + length <= event.count
        {
            from = quote + 1
            guard memcmp(start + quote, key.utf8Start, length) == 0 else { continue }
            let rest = event[(quote + length)...].drop { $0 <= 0x20 }
            if rest.first == UInt8(ascii: ":") { return rest.dropFirst().drop { $0 <= 0x20 } }
        }
        return nil
    }

    private static func firstIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from: Int = 0) -> Int? {
        guard let start = bytes.baseAddress, from < bytes.count else { return nil }
        return memchr(start + from, Int32(byte), bytes.count - from).map { start.distance(to: UnsafeRawPointer($0)) }
    }
}
