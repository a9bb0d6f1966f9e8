internal import CPUKernels

/// What the system knows of this process's threads.
public enum ThreadInspection {
    /// The number of the calling thread.
    public static var thisThread: Int32 { host_thread() }

    /// Nanoseconds that a thread has run on cores; 0 when it has ended.
    public static func processorTime(of thread: Int32) -> Int { Int(host_thread_time(thread)) }

    /// Whether a thread can't run though it isn't waiting for another one: the system has no core for it, or is busy
    /// with a device for it, as for a page of a file on a slow disk.
    public static func isHeldUp(_ thread: Int32) -> Bool { ["R", "D"].contains(state(of: thread)) }

    /// The letter that `/proc` has for what a thread does.
    private static func state(of thread: Int32) -> Character {
        Character(Unicode.Scalar(UInt8(truncatingIfNeeded: host_thread_state(thread))))
    }
}
