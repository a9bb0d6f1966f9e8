internal import Glibc

/// The host's memory as this process may use it.
public enum HostMemory {
    /// Bytes that can be had now: what the kernel calls available, and no more than cgroup limits leave.
    public static var available: Int {
        let host = TextFile.contents("/proc/meminfo").flatMap(availableBytes) ?? 0
        return min(host, ControlGroup.current.availableMemory ?? .max)
    }

    /// Resident bytes of this process.
    public static var resident: Int {
        let fields = (TextFile.contents("/proc/self/statm") ?? "").split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }

    /// `MemAvailable` of a `/proc/meminfo` text, in bytes.
    package static func availableBytes(_ text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        return nil
    }
}
