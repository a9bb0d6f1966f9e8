internal import Glibc

/// Room on a file system, in bytes.
package struct DiskSpace: Sendable, Hashable {
    /// What may still be written.
    package var free: Int
    /// All there is.
    package var total: Int

    /// Room of given sizes.
    package init(free: Int, total: Int) {
        self.free = free
        self.total = total
    }

    /// The room where a folder is; `nil` if that can't be told.
    package init?(at path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let block = Int(clamping: status.f_frsize)
        func bytes(_ blocks: fsblkcnt_t) -> Int {
            let (product, overflow) = Int(clamping: blocks).multipliedReportingOverflow(by: block)
            // Some file systems say that there is no end to them; sums of such numbers are to be numbers.
            return overflow ? Int.max / 4 : min(product, Int.max / 4)
        }
        (free, total) = (bytes(status.f_bavail), bytes(status.f_blocks))
    }
}
