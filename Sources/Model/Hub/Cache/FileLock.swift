internal import Glibc

/// A lock that programs on this machine share through a file, as Python's `filelock` takes it: `flock` on the whole file.
///
/// The system lets go of it when the program ends, however it ends.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    private static let pause = Duration.milliseconds(100)

    deinit { close(descriptor) }

    /// Waits until nobody else holds it.
    ///
    /// Where the file system knows no locks it is as if nobody did: contents are checked before they count.
    ///
    /// - Parameter waiting: Called once when somebody else holds it.
    /// - Throws: `HubError.inaccessible`, or `CancellationError`.
    static func acquire(_ path: String, waiting: () -> Void) async throws -> FileLock {
        try Folders.make(above: path)
        var isTold = false
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
            guard descriptor >= 0 else { throw HubError.system(path) }
            let lock = FileLock(descriptor: descriptor)
            let isHeld = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
            // Somebody may have removed the file meanwhile: then others lock a new one.
            if !isHeld && isCurrent(descriptor, path) { return lock }
            if isHeld && !isTold {
                isTold = true
                waiting()
            }
            try await Task.sleep(for: pause)
        }
    }

    private static func isCurrent(_ descriptor: Int32, _ path: String) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
    }
}
