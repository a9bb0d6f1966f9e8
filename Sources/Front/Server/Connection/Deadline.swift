import NIOCore

/// One thing to do later, on an event loop, unless it is put off or dropped before.
///
/// NIO's own cancelling comes too late for a task that is due in the same turn of the loop; this doesn't.
final class Deadline {
    private var scheduled: Scheduled<Void>?
    private var number = 0

    /// Whether something is to be done.
    var isSet: Bool { scheduled != nil }

    /// Drops what was to be done, and does this instead.
    func set(in delay: TimeAmount, on eventLoop: any EventLoop, _ act: @escaping () -> Void) {
        drop()
        let expected = number
        scheduled = eventLoop.assumeIsolated().scheduleTask(in: delay) {
            guard self.number == expected else { return }
            self.scheduled = nil
            act()
        }
    }

    /// Drops what was to be done.
    func drop() {
        scheduled?.cancel()
        scheduled = nil
        number &+= 1
    }
}
