internal import Glibc
internal import NIOPosix

/// A content that is coming: a file that is appended to, with the hash of what it holds.
struct PartialFile: ~Copyable {
    /// Bytes it holds.
    private(set) var count = 0
    private let path: String
    private let descriptor: Int32
    private let size: Int
    private let expected: HexDigest
    private var hasher: ContentHasher

    deinit { close(descriptor) }

    private init(path: String, descriptor: Int32, size: Int, expected: HexDigest) {
        self.path = path
        self.descriptor = descriptor
        self.size = size
        self.expected = expected
        hasher = ContentHasher(like: expected, size: size)
    }

    /// Opens it with what an earlier try left, or empty.
    ///
    /// - Throws: `HubError.inaccessible`.
    static func open(_ path: String, size: Int, expected: HexDigest) async throws -> PartialFile {
        try Folders.make(above: path)
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw HubError.system(path) }
        var file = PartialFile(path: path, descriptor: descriptor, size: size, expected: expected)
        try await file.takeWhatIsThere()
        return file
    }

    private mutating func takeWhatIsThere() async throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let read = pread(descriptor, &buffer, buffer.count, off_t(count))
            if read < 0 && errno == EINTR { continue }
            guard read >= 0 else { throw HubError.system(path) }
            if read == 0 { return }
            guard read <= size - count else { return try restart() }
            buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<read])) }
            count += read
            // There may be gigabytes, and only one thread for all tasks.
            await Task.yield()
        }
    }

    /// Forgets what it holds.
    ///
    /// - Throws: `HubError.inaccessible`.
    mutating func restart() throws(HubError) {
        guard ftruncate(descriptor, 0) == 0 else { throw .system(path) }
        count = 0
        hasher = ContentHasher(like: expected, size: size)
    }

    /// Removes it.
    func discard() { unlink(path) }

    /// Appends bytes.
    ///
    /// - Throws: `HubError.wrongSize` when they are more than the content has; `diskFull` or `inaccessible`.
    mutating func append(_ bytes: UnsafeRawBufferPointer, name: String) throws(HubError) {
        guard bytes.count <= size - count else {
            throw .wrongSize(file: name, expected: size, found: count + bytes.count)
        }
        var rest = bytes
        while !rest.isEmpty {
            let written = pwrite(descriptor, rest.baseAddress, rest.count, off_t(count))
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failure() }
            hasher.update(UnsafeRawBufferPointer(rebasing: rest[..<written]))
            count += written
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    private func failure() -> HubError {
        guard errno == ENOSPC || errno == EDQUOT else { return .system(path) }
        return .diskFull(path: path, needs: size - count, has: Folders.freeBytes(at: path) ?? 0)
    }

    /// Whether it holds as many bytes as it should.
    var isFull: Bool { count == size }

    /// Gives the content its name, when it is what it should be; it is on the disk by then, so that a power cut can't
    /// leave a name without its content.
    ///
    /// - Throws: `HubError.wrongChecksum` or `inaccessible`.
    func finish(as destination: String, name: String) async throws {
        let found = hasher.digest()
        guard found == expected.text else {
            throw HubError.wrongChecksum(file: name, expected: expected.text, found: found)
        }
        // Waits for the disk on another thread than those that tasks share.
        let code = try await NIOThreadPool.singleton.runIfActive { [descriptor] in fsync(descriptor) == 0 ? 0 : errno }
        guard code == 0 else {
            throw HubError.inaccessible(path: path, reason: String(cString: strerror(code)))
        }
        guard rename(path, destination) == 0 else { throw HubError.system(destination) }
    }
}
