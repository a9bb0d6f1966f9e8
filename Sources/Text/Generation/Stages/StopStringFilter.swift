/// Searches one choice's text for stop strings as it grows, and lets through only what can't be part of one.
///
/// Works on bytes: Swift's `Character` equality is canonical, and a stop string may end inside a grapheme. Held back is
/// just the longest suffix that begins some stop string, which is the depth of the state of an Aho-Corasick automaton
/// (Aho & Corasick 1975), so how the text was cut into tokens never changes the result. The match that is complete
/// first wins; of two complete at the same byte, the longer.
package struct StopStringFilter: Sendable {
    /// What came out of one piece of text.
    package enum Output: Sendable, Equatable {
        /// Text that is certainly no part of a stop string.
        case released([UInt8])
        /// The text up to a stop string (or through it, when it is to be included), and which string it was.
        case stopped([UInt8], stop: Int)
    }

    private let automaton: StopStringAutomaton
    private let includesStop: Bool
    private var state = StopStringAutomaton.root
    private var held: [UInt8] = []

    /// A filter for one choice.
    ///
    /// - Parameters:
    ///   - stops: The stop strings, compiled; shared by the choices of a request.
    ///   - includesStop: Whether the stop string itself stays in the text.
    package init(_ stops: StopStringAutomaton, includesStop: Bool) {
        automaton = stops
        self.includesStop = includesStop
    }

    /// How many bytes are held back now.
    package var heldCount: Int { held.count }

    /// Takes text and returns what it lets go.
    ///
    /// After `.stopped` the filter is used up.
    package mutating func append(_ text: some Sequence<UInt8>) -> Output {
        if automaton.isEmpty { return .released(Array(text)) }
        for byte in text {
            held.append(byte)
            state = automaton.next(state, byte)
            guard let match = automaton.match(at: state) else { continue }
            let end = includesStop ? held.count : held.count - match.length
            return .stopped(Array(held[..<end]), stop: match.stop)
        }
        let released = held.count - automaton.depth(of: state)
        defer { held.removeFirst(released) }
        return .released(Array(held[..<released]))
    }

    /// Passes text that isn't to be searched, after all that is held back; a stop string can't begin in front of it.
    package mutating func pass(_ text: some Sequence<UInt8>) -> [UInt8] { finish() + text }

    /// The text held back, at the end of the choice: it turned out to be no stop string.
    package mutating func finish() -> [UInt8] {
        defer {
            held = []
            state = StopStringAutomaton.root
        }
        return held
    }
}
