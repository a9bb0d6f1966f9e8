import Glibc

/// The process's limit on open descriptors, one of which each connection takes.
enum DescriptorLimit {
    /// Descriptors left for files, listening sockets and event loops.
    private static let reserved = 64

    /// Raises the limit as far as allowed, and says how many of so many connections fit.
    static func room(forConnections wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        let (needed, overflows) = wanted.addingReportingOverflow(reserved)
        let goal = min(overflows ? rlim_t.max : rlim_t(needed), limit.rlim_max)
        if limit.rlim_cur < goal {
            let raised = rlimit(rlim_cur: goal, rlim_max: limit.rlim_max)
            limit.rlim_cur = withUnsafePointer(to: raised) {
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), $0) == 0 ? goal : limit.rlim_cur
            }
        }
        return max(1, min(wanted, Int(clamping: limit.rlim_cur) - reserved))
    }
}
