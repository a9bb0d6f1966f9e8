internal import Glibc

/// Writes a new file, and sees to it that it is on the disk.
package struct FileWriter: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Makes a file that mustn't be there.
    ///
    /// - Throws: `CheckpointError.unwritable`.
    init(path: String) throws(CheckpointError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(file: path, reason: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    /// Writes a whole new file.
    ///
    /// - Throws: `CheckpointError.unwritable`.
    package static func write(_ bytes: [UInt8], to path: String) throws(CheckpointError) {
        let writer = try FileWriter(path: path)
        try writer.write(bytes)
        try writer.synchronize()
    }

    /// Writes bytes at a place.
    ///
    /// - Throws: `CheckpointError.unwritable`.
    func write(_ bytes: UnsafeRawBufferPointer, at place: Int) throws(CheckpointError) {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(place + written))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure }
            written += count
        }
    }

    /// Writes bytes at a place.
    ///
    /// - Throws: `CheckpointError.unwritable`.
    func write(_ bytes: [UInt8], at place: Int = 0) throws(CheckpointError) {
        let result: Result<Void, CheckpointError> = bytes.withUnsafeBytes { raw in
            do throws(CheckpointError) {
                return .success(try write(raw, at: place))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Waits until all is on the disk.
    ///
    /// - Throws: `CheckpointError.unwritable`.
    func synchronize() throws(CheckpointError) {
        guard fsync(descriptor) == 0 else { throw failure }
    }

    private var failure: CheckpointError { .unwritable(file: path, reason: String(cString: strerror(errno))) }
}
