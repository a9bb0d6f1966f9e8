import Logging
import NIOCore
import Synchronization

/// The connections of all listeners: counted up to a limit, and closed together at the end.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var waiting: [@Sendable () -> Void] = []
        var isFull = false
    }

    private let limit: Int
    private let logger: Logger
    private let state = Mutex(State())

    init(limit: Int, logger: Logger) {
        self.limit = limit
        self.logger = logger
    }

    /// How many are open.
    var count: Int { state.withLock { $0.channels.count } }

    /// Whether one more may be accepted now; if not, `resume` is called once when it may.
    func hasRoom(orElse resume: @escaping @Sendable () -> Void) -> Bool {
        let (hasRoom, isNews) = state.withLock { state in
            guard state.channels.count >= limit else { return (true, false) }
            state.waiting.append(resume)
            defer { state.isFull = true }
            return (false, !state.isFull)
        }
        if isNews { logger.warning("\(limit) connections are open, which is the limit; new ones wait") }
        return hasRoom
    }

    /// Counts a connection until it is closed.
    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.withLock { $0.channels[id] = channel }
        channel.closeFuture.whenComplete { _ in self.remove(id) }
    }

    /// Closes all of them, whatever they are doing.
    func closeAll() {
        for channel in all { channel.close(promise: nil) }
    }

    /// Waits until those that are open now are closed.
    func waitUntilClosed() async {
        for channel in all { try? await channel.closeFuture.get() }
    }

    private var all: [any Channel] { state.withLock { Array($0.channels.values) } }

    private func remove(_ id: ObjectIdentifier) {
        let (waiting, isOver) = state.withLock { state -> ([@Sendable () -> Void], Bool) in
            state.channels[id] = nil
            guard state.channels.count < limit else { return ([], false) }
            defer { state.waiting = [] }
            // An episode is over when there is room for some, not for the next one only.
            let isOver = state.isFull && state.channels.count <= limit - max(1, limit / 10)
            if isOver { state.isFull = false }
            return (state.waiting, isOver)
        }
        if isOver { logger.notice("there is room for connections again") }
        for resume in waiting { resume() }
    }
}
