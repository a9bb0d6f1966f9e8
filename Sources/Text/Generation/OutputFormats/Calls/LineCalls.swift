/// Reads a call whose function stands in a line of its own, with the arguments as a JSON object behind it.
///
/// A text is no call as soon as its first word isn't the name of a function.
package struct LineCalls: CallReader {
    private enum State {
        case name
        case lineFeed
        case brace
        case arguments
    }

    private var state = State.name
    private var name: [UInt8] = []
    private var call = HeadedCalls(HeadedCalls.Style(headEnds: [[UInt8(ascii: "{")]]))

    /// A reader in front of the name.
    package init() {}

    package mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch state {
        case .name where byte.isSpace:
            guard calls.knows(String(decoding: name, as: UTF8.self)) else { return .fault }
            state = byte == UInt8(ascii: "\n") ? .brace : .lineFeed
        case .name:
            guard Self.isName(byte), name.count < CallLimits.head else { return .fault }
            name.append(byte)
        case .lineFeed:
            guard byte.isSpace else { return .fault }
            if byte == UInt8(ascii: "\n") { state = .brace }
        case .brace:
            guard byte.isSpace || byte == UInt8(ascii: "{") else { return .fault }
            if !byte.isSpace { state = .arguments }
        case .arguments: break
        }
        return call.take(byte, &calls)
    }

    package mutating func finish(_ calls: inout CallSink) -> Bool { call.finish(&calls) }

    /// Whether a byte may be part of a function's name.
    static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
