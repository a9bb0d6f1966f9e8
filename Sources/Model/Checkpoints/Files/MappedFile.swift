internal import Glibc
public import Tensors

/// A whole file mapped read-only; unmapped when the last reference goes.
///
/// Touching pages beyond its end, when the file has been made shorter meanwhile, would end the process: what is large or
/// read late is copied with `read` instead.
public final class MappedFile: StoredBytes, @unchecked Sendable {  // the mapping is never written and lives as long
    /// The path it was opened with, for messages.
    public let path: String
    private let bytes: UnsafeRawBufferPointer
    private let descriptor: Int32

    /// Size in bytes, at least 1.
    public var count: Int { bytes.count }

    /// Opens and maps a regular file.
    ///
    /// - Throws: `CheckpointError.unreadable` if it is missing, empty, not a regular file or can't be mapped.
    public init(path: String) throws(CheckpointError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        do {
            bytes = try Self.map(descriptor, path: path)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    private static func map(_ descriptor: Int32, path: String) throws(CheckpointError) -> UnsafeRawBufferPointer {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(file: path, reason: "not a regular file") }
        guard status.st_size > 0 else { throw .unreadable(file: path, reason: "the file is empty") }
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        return UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        close(descriptor)
    }

    /// Copies bytes of the file as it is now.
    public func read(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard offset >= 0, let start = buffer.baseAddress else { return buffer.isEmpty }
        var filled = 0
        while filled < buffer.count {
            let count = pread(descriptor, start + filled, buffer.count - filled, off_t(offset + filled))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            filled += count
        }
        return true
    }

    /// A copy of some bytes of the file as it is now.
    ///
    /// - Throws: `CheckpointError.truncated` if they aren't there.
    func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
        var isComplete = false
        let copy = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            isComplete = read(from: range.lowerBound, into: UnsafeMutableRawBufferPointer(buffer))
            count = isComplete ? range.count : 0
        }
        guard isComplete || range.isEmpty else {
            throw .truncated(file: path, field: "content", needs: range.upperBound, has: range.lowerBound)
        }
        return copy
    }

    /// A range of the file's bytes, valid while this object lives; `nil` if the range isn't inside the file.
    public func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer? {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// Has the kernel fetch a range ahead of `read`; only a hint.
    public func prefetch(_ range: Range<Int>) {
        guard slice(range) != nil else { return }
        posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_WILLNEED)
    }
}
