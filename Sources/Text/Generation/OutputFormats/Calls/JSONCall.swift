internal import OrderedJSON

/// Reads one call that is a JSON object, behind its brace.
struct JSONCall: Sendable {
    private enum Role { case name, arguments, id, other }

    private enum State {
        case memberOrEnd, member, key, colon
        case value(Role)
        case afterValue
    }

    private let style: JSONCalls.Style
    private var state = State.memberOrEnd
    private var key: [UInt8] = []
    private var value = JSONValueScanner()
    /// The text of the current value, as far as it isn't given out.
    private var text: [UInt8] = []
    private var givesOut = false
    private var name: String?
    private var id: String?
    private var arguments: [UInt8]?
    private var hasBegun = false

    init(_ style: JSONCalls.Style) { self.style = style }

    mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch state {
        case .value(let role): return take(byte, role, &calls)
        case .key:
            if byte == UInt8(ascii: "\"") {
                state = .colon
                return .more
            }
            key.append(byte)
            let isPlain = byte >= 0x20 && byte < ControlFrame.closing && byte != UInt8(ascii: "\\")
            return isPlain && key.count <= CallLimits.head ? .more : .fault
        default: break
        }
        if byte.isSpace { return .more }
        switch (state, byte) {
        case (.memberOrEnd, UInt8(ascii: "\"")), (.member, UInt8(ascii: "\"")):
            key = []
            state = .key
        case (.colon, UInt8(ascii: ":")):
            value = JSONValueScanner()
            text = []
            givesOut = false
            state = .value(role)
        case (.afterValue, UInt8(ascii: ",")): state = .member
        case (.afterValue, UInt8(ascii: "}")), (.memberOrEnd, UInt8(ascii: "}")): return end(&calls)
        default: return .fault
        }
        return .more
    }

    private var role: Role {
        let key = String(decoding: key, as: UTF8.self)
        if style.nameKeys.contains(key) { return .name }
        if style.argumentKeys.contains(key) { return .arguments }
        return style.idKeys.contains(key) ? .id : .other
    }

    private mutating func take(_ byte: UInt8, _ role: Role, _ calls: inout CallSink) -> CallStep {
        if role == .arguments, text.isEmpty, byte == UInt8(ascii: "{"), !hasBegun, arguments == nil, name != nil {
            guard begin(&calls) else { return .fault }
            givesOut = true
        }
        let step = value.take(byte, into: &text)
        if givesOut {
            calls.append(text)
            text.removeAll(keepingCapacity: true)
        } else if role == .other {
            text.removeAll(keepingCapacity: true)
        }
        guard text.count <= CallLimits.held else { return .fault }
        switch step {
        case .more: return .more
        case .invalid: return .fault
        case .end:
            state = .afterValue
            return keep(role, &calls) ? .more : .fault
        case .endBefore:
            state = .afterValue
            return keep(role, &calls) ? take(byte, &calls) : .fault
        }
    }

    /// Keeps a value that is complete.
    private mutating func keep(_ role: Role, _ calls: inout CallSink) -> Bool {
        if givesOut {
            calls.end()
            return true
        }
        switch role {
        case .name:
            guard name == nil, let text = string, text.utf8.count <= CallLimits.head else { return false }
            name = text
        case .arguments:
            guard arguments == nil, !hasBegun, let object = argumentObject else { return false }
            arguments = object
        case .id: id = id ?? string ?? String(decoding: text, as: UTF8.self)
        case .other: break
        }
        return true
    }

    /// The value as a string.
    private var string: String? {
        guard case .string(let string)? = try? JSONParser.parse(text) else { return nil }
        return string
    }

    /// The value as the text of arguments: an object, the text of one, or nothing.
    private var argumentObject: [UInt8]? {
        if text.first == UInt8(ascii: "{") { return text }
        if text == Array("null".utf8) { return Array("{}".utf8) }
        guard let string, case .object? = try? JSONParser.parse(string) else { return nil }
        return Array(string.utf8)
    }

    private mutating func begin(_ calls: inout CallSink) -> Bool {
        guard let name, calls.begin(name: name, id: id) else { return false }
        hasBegun = true
        return true
    }

    /// The object is complete; a call that hasn't begun does now.
    private mutating func end(_ calls: inout CallSink) -> CallStep {
        if hasBegun { return .end }
        guard begin(&calls) else { return .fault }
        calls.append(arguments ?? Array("{}".utf8))
        calls.end()
        return .end
    }
}
