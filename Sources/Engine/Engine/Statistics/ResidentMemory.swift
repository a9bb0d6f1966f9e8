internal import Glibc

/// The memory this process holds, as the operating system counts it.
///
/// Keeps `/proc/self/statm` open, so that reading it in every iteration costs one system call.
struct ResidentMemory: ~Copyable {
    private let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    private let pageSize = Int(getpagesize())

    /// Bytes resident now; 0 when the operating system doesn't say.
    func bytes() -> Int {
        guard file >= 0 else { return 0 }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
            let count = pread(file, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return 0 }
            let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
            guard fields.count > 1 else { return 0 }
            return fields[1].reduce(0) { $0 * 10 + Int($1 &- 48) } * pageSize
        }
    }

    deinit { if file >= 0 { close(file) } }
}
