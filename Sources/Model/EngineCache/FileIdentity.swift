internal import Glibc

/// Which file it is, and which state of it: any write gives it another time of change, which programs can't choose.
struct FileIdentity: Sendable, Hashable {
    let path: String
    private let device: UInt64
    private let inode: UInt64
    let byteCount: Int
    private let modified: Moment
    private let changed: Moment

    private struct Moment: Hashable {
        var seconds: Int
        var nanoseconds: Int

        init(_ time: timespec) { (seconds, nanoseconds) = (time.tv_sec, time.tv_nsec) }
    }

    /// The identity of the file at a path, behind links; `nil` if there is none.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.path = path
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        byteCount = Int(status.st_size)
        modified = Moment(status.st_mtim)
        changed = Moment(status.st_ctim)
    }

    /// A line that is another for another file or state.
    var text: String {
        let name = path.split(separator: "/").last ?? ""
        return "\(name) \(device) \(inode) \(byteCount) \(modified.seconds).\(modified.nanoseconds) "
            + "\(changed.seconds).\(changed.nanoseconds)"
    }

    /// Whether writes from a moment on would give it another time of change: a clock of file systems ticks a hundred times
    /// a second, or once.
    func isSettled(at time: timespec) -> Bool {
        let isCoarse = changed.nanoseconds == 0 && modified.nanoseconds == 0
        let age = (time.tv_sec - changed.seconds) * 1000 + (time.tv_nsec - changed.nanoseconds) / 1_000_000
        return age >= (isCoarse ? 2000 : 100)
    }
}
