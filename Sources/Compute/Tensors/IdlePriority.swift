internal import Glibc

/// The lowest priority that a thread can have.
public enum IdlePriority {
    /// `SCHED_IDLE` of `linux/sched.h`.
    private static let idleSchedule: Int32 = 5

    /// Has the calling thread compute only when no other thread wants the core.
    public static func take() {
        var priority = sched_param()
        pthread_setschedparam(pthread_self(), idleSchedule, &priority)
    }
}
