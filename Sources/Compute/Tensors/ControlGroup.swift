/// Limits that cgroups (versions 1 and 2) put on this process, the tightest on the way to the root.
package struct ControlGroup: Sendable {
    /// Reads a file by path; tests give their own.
    let read: @Sendable (String) -> String?

    /// The limits of this process.
    package static var current: ControlGroup { ControlGroup(read: { TextFile.contents($0) }) }

    /// Limits read through a function.
    package init(read: @escaping @Sendable (String) -> String?) { self.read = read }

    /// Whole cores of CPU time, rounded down but at least 1; `nil` without a limit.
    package var cpuQuota: Int? {
        let unified = paths(controller: "").compactMap { Self.unifiedQuota(read("/sys/fs/cgroup\($0)/cpu.max")) }
        let legacy = paths(controller: "cpu").compactMap { path -> Int? in
            for mount in ["cpu", "cpu,cpuacct"] {
                let folder = "/sys/fs/cgroup/\(mount)\(path)"
                if let quota = read(folder + "/cpu.cfs_quota_us"), let period = read(folder + "/cpu.cfs_period_us") {
                    return Self.cores(quota: quota, period: period)
                }
            }
            return nil
        }
        return (unified + legacy).min()
    }

    /// Bytes of memory still to be had under the limits; `nil` without a limit.
    ///
    /// Pages of files count as free, as they do in the kernel's `MemAvailable`: a model's file that was just read is in
    /// the page cache, counts as the group's use, and goes as soon as anyone needs the memory.
    package var availableMemory: Int? {
        let unified = paths(controller: "").compactMap { path in
            let folder = "/sys/fs/cgroup\(path)"
            return Self.room(
                limit: read(folder + "/memory.max"),
                used: read(folder + "/memory.current"),
                cached: Self.sum(of: ["inactive_file", "active_file"], in: read(folder + "/memory.stat")),
            )
        }
        let legacy = paths(controller: "memory").compactMap { path in
            let folder = "/sys/fs/cgroup/memory\(path)"
            return Self.room(
                limit: read(folder + "/memory.limit_in_bytes"),
                used: read(folder + "/memory.usage_in_bytes"),
                cached: Self.sum(of: ["total_inactive_file", "total_active_file"], in: read(folder + "/memory.stat")),
            )
        }
        return (unified + legacy).min()
    }

    /// The group's folder under the controller's mount and all above it, the root as "" last; the empty controller is
    /// the unified hierarchy.
    private func paths(controller: String) -> [String] {
        var path: Substring = ""
        for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",").map { String($0) }
            if controller.isEmpty ? controllers.isEmpty : controllers.contains(controller) {
                path = fields[2]
            }
        }
        var paths: [String] = []
        while !path.isEmpty, path != "/" {
            paths.append(String(path))
            path = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        }
        return paths + [""]
    }

    private static func unifiedQuota(_ text: String?) -> Int? {
        let fields = (text ?? "").split(separator: " ")
        guard fields.count == 2 else { return nil }
        return cores(quota: String(fields[0]), period: String(fields[1]))
    }

    private static func cores(quota: String, period: String) -> Int? {
        guard let quota = Int(quota), quota > 0, let period = Int(period), period > 0 else { return nil }
        return max(1, quota / period)
    }

    /// - Parameter cached: Bytes of the use that can be taken back at once.
    private static func room(limit: String?, used: String?, cached: Int) -> Int? {
        let possible = 0..<1 << 60
        guard let limit = limit.flatMap({ Int($0) }), possible.contains(limit) else { return nil }
        guard let used = used.flatMap({ Int($0) }), possible.contains(used) else { return limit }
        return max(0, limit - max(0, used - cached))
    }

    /// The sum of some lines of a `memory.stat` text, in bytes.
    private static func sum(of names: Set<Substring>, in text: String?) -> Int {
        (text ?? "").split(separator: "\n").reduce(0) { sum, line in
            let fields = line.split(separator: " ")
            guard fields.count == 2, names.contains(fields[0]), let bytes = Int(fields[1]) else { return sum }
            return sum + min(max(0, bytes), 1 << 60)
        }
    }
}
