/// The stop strings of a request as one automaton over bytes (Aho & Corasick 1975).
package struct StopStringAutomaton: Sendable {
    /// A stop string that ends where the automaton is.
    package struct Match: Sendable, Equatable {
        /// Index of the stop string in the request.
        package var stop: Int
        /// Its length in bytes.
        package var length: Int
    }

    private struct Node: Sendable {
        var children: [UInt8: Int] = [:]
        /// The node of the longest proper suffix that begins a stop string.
        var fallback = 0
        var depth = 0
        var match: Match?
    }

    /// The state before any text.
    package static let root = 0

    private var nodes = [Node()]

    /// Compiles stop strings; empty ones match nothing.
    package init(_ stops: [String]) {
        for (index, stop) in stops.enumerated() where !stop.isEmpty { insert(Array(stop.utf8), index: index) }
        link()
    }

    /// Whether there is nothing to search for.
    package var isEmpty: Bool { nodes.count == 1 }

    /// The state after one more byte.
    package func next(_ state: Int, _ byte: UInt8) -> Int {
        var state = state
        while true {
            if let child = nodes[state].children[byte] { return child }
            if state == Self.root { return state }
            state = nodes[state].fallback
        }
    }

    /// How many bytes at the end of the text begin a stop string.
    package func depth(of state: Int) -> Int { nodes[state].depth }

    /// The longest stop string that the text ends with, if any.
    package func match(at state: Int) -> Match? { nodes[state].match }

    private mutating func insert(_ stop: [UInt8], index: Int) {
        var node = Self.root
        for byte in stop {
            if let child = nodes[node].children[byte] {
                node = child
            } else {
                nodes.append(Node(depth: nodes[node].depth + 1))
                nodes[node].children[byte] = nodes.count - 1
                node = nodes.count - 1
            }
        }
        if nodes[node].match == nil { nodes[node].match = Match(stop: index, length: stop.count) }
    }

    /// Sets fallbacks breadth first, so that those nearer the root are there when they are needed.
    private mutating func link() {
        var queue = Array(nodes[Self.root].children.values)
        var position = 0
        while position < queue.count {
            let node = queue[position]
            position += 1
            for (byte, child) in nodes[node].children {
                let fallback = next(nodes[node].fallback, byte)
                nodes[child].fallback = fallback
                nodes[child].match = nodes[child].match ?? nodes[fallback].match
                queue.append(child)
            }
        }
    }
}
