/// Lets text through up to the next of some markers, byte by byte.
///
/// Held back is the longest suffix that begins a marker, so how the text was cut never changes what comes out.
package struct MarkerScanner: Sendable {
    private let automaton: StopStringAutomaton
    private var state = StopStringAutomaton.root
    private var held: [UInt8] = []

    /// A scanner for markers, as they stand in the stream.
    package init(_ markers: [[UInt8]]) { automaton = StopStringAutomaton(texts: markers) }

    /// Whether no byte waits to be told whether it begins a marker.
    package var holdsNothing: Bool { held.isEmpty }

    /// Takes a byte, and appends to `text` what can't be part of a marker any more.
    ///
    /// - Returns: the index of the marker that ends with this byte, if one does; the scanner then begins anew.
    package mutating func take(_ byte: UInt8, into text: inout [UInt8]) -> Int? {
        state = automaton.next(state, byte)
        if state == StopStringAutomaton.root, held.isEmpty {
            text.append(byte)
            return nil
        }
        held.append(byte)
        if let match = automaton.match(at: state) {
            text += held[..<(held.count - match.length)]
            reset()
            return match.stop
        }
        let released = held.count - automaton.depth(of: state)
        text += held[..<released]
        held.removeFirst(released)
        return nil
    }

    /// Appends what is held back: it turned out to be no marker.
    package mutating func finish(into text: inout [UInt8]) {
        text += held
        reset()
    }

    private mutating func reset() {
        held.removeAll(keepingCapacity: true)
        state = StopStringAutomaton.root
    }
}
