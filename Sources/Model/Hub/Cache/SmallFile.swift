internal import Glibc

/// Files that are read and written as a whole.
enum SmallFile {
    /// All of a regular file.
    ///
    /// - Throws: `HubError.inaccessible` when it can't be read or is longer than the limit.
    static func read(_ path: String, limit: Int) throws(HubError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw .system(path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .inaccessible(path: path, reason: "it isn't a regular file")
        }
        guard status.st_size <= limit else {
            throw .inaccessible(path: path, reason: "it has \(status.st_size) bytes, more than \(limit)")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < status.st_size {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { break }
            if count < 0 && errno != EINTR { throw .system(path) }
            bytes += buffer[..<max(0, count)]
        }
        guard bytes.count <= limit else { throw .inaccessible(path: path, reason: "it grows while it is read") }
        return bytes
    }

    /// Writes a file so that a reader finds the old content or the new one, never a part.
    ///
    /// - Throws: `HubError.inaccessible`.
    static func write(_ bytes: [UInt8], to path: String) throws(HubError) {
        let draft = "\(path).\(UInt32.random(in: 0 ... .max)).tmp"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw .system(draft) }
        let isWritten = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count
        let code = errno
        close(file)
        guard isWritten, rename(draft, path) == 0 else {
            let failure = HubError.inaccessible(path: path, reason: String(cString: strerror(isWritten ? errno : code)))
            unlink(draft)
            throw failure
        }
    }
}

extension HubError {
    /// What the system said last about a path.
    static func system(_ path: String) -> HubError {
        .inaccessible(path: path, reason: String(cString: strerror(errno)))
    }
}
