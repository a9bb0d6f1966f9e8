/// What can be seen from outside of the threads that a rank computes with, while they are at work.
package struct ComputeSigns: Sendable {
    /// What grows with every piece of work that is done, and whenever a thread that waits for other ranks looks up; `nil` while
    /// they do something else.
    package var beats: Int?
    /// Nanoseconds that each thread has run on cores.
    package var processorTimes: [Int]
    /// Whether a thread can't run though it waits for none of the others: for want of a core, or for a device.
    package var isHeldUp: @Sendable () -> Bool

    /// Known signs.
    package init(beats: Int?, processorTimes: [Int], isHeldUp: @escaping @Sendable () -> Bool = { false }) {
        self.beats = beats
        self.processorTimes = processorTimes
        self.isHeldUp = isHeldUp
    }
}
