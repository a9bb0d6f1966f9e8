import Synchronization

/// Responses that can be had again: in memory, up to a number and a size, for a time.
///
/// The oldest go first. What is here is gone when the server ends.
package final class ResponseStore: Sendable {
    /// Bounds on what is kept.
    package struct Limits: Sendable {
        /// Most responses; 0: none is kept.
        package var count: Int
        /// Most bytes of all together.
        package var bytes: Int
        /// How long each is kept, in seconds.
        package var seconds: Double

        /// Bounds.
        package init(count: Int, bytes: Int, seconds: Double) {
            self.count = count
            self.bytes = bytes
            self.seconds = seconds
        }
    }

    /// Why the work on a response ends before it is done.
    package enum End: Sendable {
        /// Its client wants no more of it.
        case unwanted
        /// It is kept no longer: it was too old, or there was too much.
        case dropped
    }

    /// One response.
    package struct Entry: Sendable {
        /// Whose it is.
        package var owner: KeyOwner?
        /// The response as JSON.
        package var object: [UInt8]
        /// The items that its request added, a JSON array.
        package var input: [UInt8]
        /// The items of the conversation up to and with its output: JSON arrays, one for each earlier response's part.
        ///
        /// Parts are shared between the responses of one conversation.
        package var conversation: [[UInt8]]
        /// Ends the work on it; `nil` when there is none.
        package var cancel: (@Sendable (End) -> Void)?
        /// Its events, of one that is made in the background as a stream.
        var events: EventLog?
        /// How many bytes of events it counts for.
        package var eventBytes = 0

        /// A response that nothing works on.
        package init(owner: KeyOwner? = nil, object: [UInt8], input: [UInt8], conversation: [[UInt8]]) {
            self.owner = owner
            self.object = object
            self.input = input
            self.conversation = conversation
        }

        /// What it counts for.
        fileprivate var byteCount: Int {
            object.count + input.count + conversation.reduce(eventBytes) { $0 + $1.count }
        }
    }

    private struct State {
        var entries: [String: (entry: Entry, expires: Double)] = [:]
        /// Names in the order in which they came, those of deleted ones among them.
        var order: [String] = []
        var bytes = 0
    }

    private let state = Mutex(State())
    private let limits: Limits

    /// A store with nothing in it.
    package init(_ limits: Limits) { self.limits = limits }

    /// Keeps a response, or what has become of one; `false` when it is larger than all may be together.
    @discardableResult
    package func put(_ id: String, _ entry: Entry, now: Double) -> Bool {
        state.withLock { state in
            guard limits.count > 0, entry.byteCount <= limits.bytes else { return false }
            if let old = state.entries[id] {
                state.bytes -= old.entry.byteCount
                state.entries[id] = (entry, old.expires)
            } else {
                state.entries[id] = (entry, now + limits.seconds)
                state.order.append(id)
            }
            state.bytes += entry.byteCount
            drop(&state, now)
            return true
        }
    }

    /// Changes a response that is still there; `nil` from the change leaves it as it is, and one that has grown larger than all
    /// may be together is kept no longer.
    package func update(_ id: String, now: Double, _ change: (Entry) -> Entry?) {
        state.withLock { state in
            drop(&state, now)
            guard let old = state.entries[id], let new = change(old.entry) else { return }
            guard new.byteCount <= limits.bytes else {
                // Others don't make room for what can't be kept.
                remove(id, &state)?.cancel?(.dropped)
                return
            }
            state.bytes += new.byteCount - old.entry.byteCount
            state.entries[id] = (new, old.expires)
            drop(&state, now)
        }
    }

    /// A response that is still there.
    package func get(_ id: String, now: Double) -> Entry? {
        state.withLock { state in
            drop(&state, now)
            return state.entries[id]?.entry
        }
    }

    /// Forgets a response, and ends the work on it; `false` when it wasn't there.
    package func delete(_ id: String, now: Double) -> Bool {
        let removed = state.withLock { state in
            drop(&state, now)
            return remove(id, &state)
        }
        removed?.cancel?(.unwanted)
        return removed != nil
    }

    private func remove(_ id: String, _ state: inout State) -> Entry? {
        guard let (entry, _) = state.entries.removeValue(forKey: id) else { return nil }
        state.bytes -= entry.byteCount
        // Names of deleted ones are few, or the list is made anew.
        if state.order.count > 2 * state.entries.count + 16 { state.order.removeAll { state.entries[$0] == nil } }
        return entry
    }

    /// Forgets what is too old, and the oldest while there is too much.
    private func drop(_ state: inout State, _ now: Double) {
        var first = 0
        while first < state.order.count {
            let id = state.order[first]
            if let held = state.entries[id] {
                let isTooMuch = state.entries.count > limits.count || state.bytes > limits.bytes
                guard isTooMuch || held.expires <= now else { break }
                state.entries[id] = nil
                state.bytes -= held.entry.byteCount
                held.entry.cancel?(.dropped)
            }
            first += 1
        }
        state.order.removeFirst(first)
    }
}
