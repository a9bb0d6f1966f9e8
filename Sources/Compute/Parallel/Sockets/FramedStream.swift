internal import Glibc

/// A connection that carries short messages whole: four bytes of length, the lowest first, and as many bytes.
final class FramedStream: Sendable {
    /// Longest message.
    static let limit = 1 << 20
    /// Bytes in front of a message.
    static let headBytes = 4

    let stream: Stream

    init(_ stream: Stream) { self.stream = stream }

    /// A message as it is sent.
    static func frame(_ message: [UInt8]) -> [UInt8] {
        (0..<headBytes).map { UInt8(truncatingIfNeeded: UInt32(message.count) >> (8 * $0)) } + message
    }

    /// The bytes of the message behind a head.
    static func length(_ head: some BidirectionalCollection<UInt8>) -> Int {
        head.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Sends one message.
    ///
    /// - Throws: `CommunicatorError.failed` when the other end is gone or doesn't take it in time.
    func send(_ message: [UInt8], _ deadline: Deadline) throws(CommunicatorError) {
        let bytes = Self.frame(message)
        var done = 0
        while done < bytes.count {
            guard let count = bytes.withUnsafeBytes({ stream.sendSome(.init(rebasing: $0[done...])) }) else {
                throw .failed("the connection has ended")
            }
            done += count
            if count == 0 { try waitUntilReady(Int16(POLLOUT), deadline) }
        }
    }

    /// Receives one message.
    ///
    /// - Throws: `CommunicatorError.failed` when the other end is gone, says nothing in time or sends something else.
    func receive(_ deadline: Deadline) throws(CommunicatorError) -> [UInt8] {
        let length = Self.length(try receive(count: Self.headBytes, deadline))
        guard length <= Self.limit else { throw .failed("what was received isn't a message of a rank") }
        return try receive(count: length, deadline)
    }

    private func receive(count: Int, _ deadline: Deadline) throws(CommunicatorError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            guard let more = bytes.withUnsafeMutableBytes({ stream.receiveSome(.init(rebasing: $0[done...])) }) else {
                throw .failed("the connection has ended")
            }
            done += more
            if more == 0 { try waitUntilReady(Int16(POLLIN), deadline) }
        }
        return bytes
    }

    private func waitUntilReady(_ events: Int16, _ deadline: Deadline) throws(CommunicatorError) {
        var entries = [pollfd(fd: stream.number, events: events, revents: 0)]
        _ = Descriptor.wait(&entries, milliseconds: min(1000, deadline.milliseconds))
        guard !deadline.isOver else { throw .failed("the other end hasn't answered in time") }
    }
}
