/// Reads a call in Gemma's notation, `call:NAME{KEY:VALUE,...}`, and makes JSON of the arguments.
package struct BareCalls: CallReader {
    private enum State {
        case word(MarkerChoice)
        case name, arguments
        case closer(MarkerChoice)
    }

    private let closer: [UInt8]
    private var state = State.word(MarkerChoice([Array("call:".utf8)]))
    private var name: [UInt8] = []
    private var value: BareValueScanner

    /// A reader behind a call's opener.
    ///
    /// - Parameters:
    ///   - quote: What stands at both ends of a string.
    ///   - closer: What ends the call.
    package init(quote: [UInt8], closer: [UInt8]) {
        self.closer = closer
        value = BareValueScanner(quote: quote)
    }

    package mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep {
        switch state {
        case .word(var choice):
            switch choice.take(byte) {
            case .more: state = .word(choice)
            case .marker: state = .name
            case .none: return .fault
            }
        case .name:
            guard byte == UInt8(ascii: "{") else {
                name.append(byte)
                return name.count <= CallLimits.head ? .more : .fault
            }
            guard calls.begin(name: String(decoding: name.trimmed, as: UTF8.self)) else { return .fault }
            state = .arguments
            return take(byte, &calls)
        case .arguments:
            var json: [UInt8] = []
            let step = value.take(byte, into: &json)
            guard step == .more || step == .end else { return .fault }
            calls.append(json)
            if step == .end {
                calls.end()
                state = .closer(MarkerChoice([closer]))
            }
        case .closer(var choice):
            let step = choice.takeCloser(byte)
            state = .closer(choice)
            return step
        }
        return .more
    }

    package mutating func finish(_ calls: inout CallSink) -> Bool {
        if case .closer = state { true } else { false }
    }
}
