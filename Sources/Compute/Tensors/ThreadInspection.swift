internal import CPUKernels

/// How long threads of this process have run on cores.
public enum SystemThreadTime {
    /// The number of the calling thread.
    public static var thisThread: Int32 { host_thread() }

    /// Nanoseconds that a thread has run; 0 when it has ended.
    public static func nanoseconds(of thread: Int32) -> Int { Int(host_thread_time(thread)) }
}
