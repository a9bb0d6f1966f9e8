internal import Glibc

/// A lock that processes share through a file, and that goes with the process that holds it.
package final class FileLock {
    private var descriptor: Int32?

    /// Takes the lock; `nil` if another holds it and `waits` is false, or the file can't be made.
    package init?(path: String, waits: Bool) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return nil }
        while flock(file, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            close(file)
            return nil
        }
        descriptor = file
    }

    deinit { release() }

    /// Gives it back.
    package func release() {
        if let file = descriptor { close(file) }
        descriptor = nil
    }
}
