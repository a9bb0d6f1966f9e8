internal import Glibc

/// Which ranks can share memory: those under one kernel that see each other's processes and network.
enum HostIdentity {
    /// Equal for two processes where they can.
    static var key: String {
        let namespaces = ["pid", "net"].map { link("/proc/self/ns/\($0)") }
        return ([text("/proc/sys/kernel/random/boot_id")] + namespaces).joined(separator: " ")
    }

    /// The host's name, for people.
    static var name: String {
        let name = text("/proc/sys/kernel/hostname")
        return name.isEmpty ? "this host" : name
    }

    private static func text(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = max(0, read(file, &bytes, bytes.count))
        return String(decoding: bytes[..<count].prefix { $0 > 32 }, as: UTF8.self)
    }

    private static func link(_ path: String) -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        let count = max(0, readlink(path, &bytes, bytes.count))
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
