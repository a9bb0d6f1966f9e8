internal import Glibc

/// Files that options name.
package enum InputFile {
    /// All of a regular file, byte for byte.
    ///
    /// Anything else is refused: a device may never end, and a pipe may never begin.
    ///
    /// - Parameter limit: Most bytes the file may have.
    /// - Throws: `StartupError.unreadable` naming the file and the reason.
    package static func read(_ path: String, limit: Int) throws(StartupError) -> [UInt8] {
        // Without O_NONBLOCK, opening a pipe would wait for somebody who writes.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "it is \(kind(of: status.st_mode)), not a regular file")
        }
        return try StandardStreams.read(file, name: path, limit: limit)
    }

    private static func kind(of mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a pipe"
        case S_IFCHR, S_IFBLK: "a device"
        case S_IFSOCK: "a socket"
        default: "something else"
        }
    }
}
