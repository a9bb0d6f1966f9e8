internal import Glibc

/// An open descriptor, closed with its last owner.
package final class Descriptor: Sendable {
    /// Its number.
    package let number: Int32

    /// Takes over a descriptor that is open.
    package init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// Waits until one of the descriptors can be read from, or written to, or the time is over.
    ///
    /// - Returns: whether one can.
    static func wait(_ entries: inout [pollfd], milliseconds: Int) -> Bool {
        poll(&entries, nfds_t(entries.count), Int32(clamping: milliseconds)) > 0
    }

    /// Why the last call of the C library failed.
    package static var reason: String { String(cString: strerror(errno)) }
}

/// When something has to have happened.
struct Deadline: Sendable {
    private let end: Int

    /// A number of seconds from now.
    init(seconds: Double) { end = TrafficMeter.now + Int(seconds * 1e9) }

    /// Milliseconds that are left, at least 0.
    var milliseconds: Int { max(0, (end - TrafficMeter.now) / 1_000_000) }
    /// Whether it is over.
    var isOver: Bool { TrafficMeter.now >= end }
}
