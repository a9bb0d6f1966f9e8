/// The stop strings of a request as one automaton over bytes (Aho & Corasick 1975).
///
/// A trie whose nodes stand in depth-first order, in flat arrays: a node's first child is the node behind it, the others
/// are linked. That takes 17 bytes for each byte of the strings.
package struct StopStringAutomaton: Sendable {
    /// A stop string that ends where the automaton is.
    package struct Match: Sendable, Equatable {
        /// Index of the stop string in the request.
        package var stop: Int
        /// Its length in bytes.
        package var length: Int
    }

    /// The state before any text.
    package static let root = 0
    private static let none: Int32 = -1

    /// The byte that leads to each node.
    private var bytes: [UInt8] = [0]
    private var depths: [Int32] = [0]
    /// The next child of the same parent.
    private var siblings: [Int32] = [none]
    /// The node of the longest proper suffix that begins a stop string.
    private var fallbacks: [Int32] = [0]
    /// The longest stop string that ends at each node.
    private var stops: [Int32] = [none]
    private var lengths: [Int32]

    /// Compiles stop strings; empty ones match nothing, of equal ones the first counts.
    package init(_ stops: [String]) { self.init(texts: stops.map { Array($0.utf8) }) }

    /// Compiles texts that needn't be UTF-8.
    package init(texts: [[UInt8]]) {
        lengths = texts.map { Int32(clamping: $0.count) }
        let order = texts.indices.filter { !texts[$0].isEmpty }
            .sorted { texts[$0].lexicographicallyPrecedes(texts[$1]) || (texts[$0] == texts[$1] && $0 < $1) }
        var path: [Int32] = [0]
        for stop in order { insert(texts[stop], Int32(stop), &path) }
        link()
    }

    /// Whether there is nothing to search for.
    package var isEmpty: Bool { bytes.count == 1 }

    /// Bytes of memory it takes.
    package var byteCount: Int {
        bytes.capacity + 4
            * (depths.capacity + siblings.capacity + fallbacks.capacity + stops.capacity + lengths.capacity)
    }

    /// Whether two automata are copies of one another that share their memory.
    package func isSameStorage(as other: StopStringAutomaton) -> Bool {
        bytes.withUnsafeBufferPointer { mine in
            other.bytes.withUnsafeBufferPointer { $0.baseAddress == mine.baseAddress }
        }
    }

    /// The state after one more byte.
    package func next(_ state: Int, _ byte: UInt8) -> Int {
        var state = state
        while true {
            if let child = child(of: state, byte) { return child }
            if state == Self.root { return state }
            state = Int(fallbacks[state])
        }
    }

    /// How many bytes at the end of the text begin a stop string.
    package func depth(of state: Int) -> Int { Int(depths[state]) }

    /// The longest stop string that the text ends with, if any.
    package func match(at state: Int) -> Match? {
        let stop = Int(stops[state])
        return stop < 0 ? nil : Match(stop: stop, length: Int(lengths[stop]))
    }

    private func firstChild(of node: Int) -> Int? {
        node + 1 < depths.count && depths[node + 1] == depths[node] + 1 ? node + 1 : nil
    }

    private func child(of node: Int, _ byte: UInt8) -> Int? {
        var child = firstChild(of: node)
        while let candidate = child {
            if bytes[candidate] == byte { return candidate }
            child = siblings[candidate] < 0 ? nil : Int(siblings[candidate])
        }
        return nil
    }

    /// Adds a string that comes after all others in order of bytes; `path` holds the nodes of the last one, root first.
    private mutating func insert(_ text: [UInt8], _ stop: Int32, _ path: inout [Int32]) {
        var shared = 0
        while shared < text.count, shared + 1 < path.count, bytes[Int(path[shared + 1])] == text[shared] { shared += 1 }
        if shared < text.count, shared + 1 < path.count {
            siblings[Int(path[shared + 1])] = Int32(clamping: bytes.count)
        }
        path.removeLast(path.count - shared - 1)
        for byte in text[shared...] {
            path.append(Int32(clamping: bytes.count))
            depths.append(Int32(clamping: path.count - 1))
            bytes.append(byte)
            siblings.append(Self.none)
            fallbacks.append(0)
            stops.append(Self.none)
        }
        if let node = path.last, stops[Int(node)] < 0 { stops[Int(node)] = stop }
    }

    /// Sets fallbacks breadth first, so that those nearer the root are there when they are needed.
    private mutating func link() {
        var level = children(of: Self.root)
        while !level.isEmpty {
            var below: [Int] = []
            for node in level {
                if stops[node] < 0 { stops[node] = stops[Int(fallbacks[node])] }
                for child in children(of: node) {
                    fallbacks[child] = Int32(clamping: next(Int(fallbacks[node]), bytes[child]))
                    below.append(child)
                }
            }
            level = below
        }
    }

    private func children(of node: Int) -> [Int] {
        var children: [Int] = []
        var child = firstChild(of: node)
        while let found = child {
            children.append(found)
            child = siblings[found] < 0 ? nil : Int(siblings[found])
        }
        return children
    }
}
