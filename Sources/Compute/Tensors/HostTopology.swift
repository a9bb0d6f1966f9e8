internal import CPUKernels

/// How many threads this process should compute with, and why.
public struct HostTopology: Sendable, Hashable {
    /// Cores that the scheduler lets this process run on.
    public var affinity: Int
    /// Whole cores of CPU time that the cgroups grant; `nil` without a limit.
    public var quota: Int?
    /// Physical cores among them (threads of one core counted once).
    public var physicalCores: Int

    /// A topology of known numbers.
    public init(affinity: Int, quota: Int?, physicalCores: Int) {
        self.affinity = affinity
        self.quota = quota
        self.physicalCores = physicalCores
    }

    /// The smallest of the three numbers, at least 1.
    public var threadCount: Int { max(1, min(affinity, quota ?? .max, physicalCores)) }

    /// What one of `count` processes that share it has.
    ///
    /// - Parameter ownsCores: Whether each has been bound to cores of its own already.
    public func shared(by count: Int, ownsCores: Bool) -> HostTopology {
        let part = max(1, count)
        return HostTopology(
            affinity: ownsCores ? affinity : max(1, affinity / part),
            quota: quota.map { max(1, $0 / part) },
            physicalCores: ownsCores ? physicalCores : max(1, physicalCores / part)
        )
    }

    /// The numbers behind `threadCount`, for the log.
    public var reason: String {
        let limit = quota.map { "\($0) by cgroup quota" } ?? "no cgroup quota"
        return "\(affinity) by affinity, \(limit), \(physicalCores) physical cores"
    }

    /// What this machine grants now.
    public static var current: HostTopology {
        let cores = allowedCores()
        return HostTopology(
            affinity: cores.count,
            quota: ControlGroup.current.cpuQuota,
            physicalCores: Set(cores.map(physicalCore)).count
        )
    }

    static func allowedCores() -> [Int] {
        var cores = [Int32](repeating: 0, count: 8192)
        let count = min(Int(host_allowed_cores(&cores, Int32(cores.count))), cores.count)
        return count > 0 ? cores[..<count].map(Int.init) : [0]
    }

    /// The hardware threads that share a core with this one, as the kernel lists them; alone if unknown.
    static func physicalCore(of core: Int) -> String {
        let path = "/sys/devices/system/cpu/cpu\(core)/topology/thread_siblings_list"
        return TextFile.contents(path) ?? "\(core)"
    }
}
