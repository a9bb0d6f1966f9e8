internal import Glibc
internal import Tensors

/// Folders that are made, put in place and taken away.
package enum Folder {
    /// Makes a folder and those that it is in, where they aren't there.
    ///
    /// - Throws: `CheckpointError.unwritable`.
    package static func make(_ path: String) throws(CheckpointError) {
        if mkdir(path, 0o755) == 0 || isFolder(path) { return }
        let failure = errno
        if failure == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try make(String(path[..<slash]))
            if mkdir(path, 0o755) == 0 || isFolder(path) { return }
        }
        throw .unwritable(file: path, reason: String(cString: strerror(failure)))
    }

    /// Whether a folder of that name is there.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether something is mounted on a folder, which then can't be renamed or replaced.
    package static func isMountPoint(_ path: String) -> Bool {
        guard let resolved = realpath(path, nil) else { return false }
        defer { free(resolved) }
        let escaped = String(cString: resolved).flatMap { character in
            " \t\n\\".utf8.contains(character.asciiValue ?? 0)
                ? [92] + octal(character.asciiValue ?? 0) : Array(String(character).utf8)
        }
        // The fifth field of each line, see proc(5).
        let lines = (TextFile.contents("/proc/self/mountinfo") ?? "").split(separator: "\n")
        return lines.contains { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            return fields.count > 4 && fields[4].utf8.elementsEqual(escaped)
        }
    }

    private static func octal(_ byte: UInt8) -> [UInt8] {
        let digits = String(byte, radix: 8)
        return Array((String(repeating: "0", count: 3 - digits.utf8.count) + digits).utf8)
    }

    /// Whether a regular file of that name is there.
    package static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The names in a folder, sorted; `nil` if it can't be read.
    package static func names(_ path: String) -> [String]? {
        DirectoryListing.names(path)?.filter { $0 != "." && $0 != ".." }
    }

    /// Removes a file, or a folder with all that is in it; what can't be removed stays.
    package static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in names(path) ?? [] { remove("\(path)/\(name)") }
        rmdir(path)
    }

    /// Waits until a folder's entries are on the disk.
    package static func synchronize(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Gives a folder another name; an empty folder of that name is replaced.
    ///
    /// - Throws: `CheckpointError.unwritable`.
    package static func move(_ path: String, to other: String) throws(CheckpointError) {
        guard rename(path, other) == 0 else {
            throw .unwritable(file: other, reason: String(cString: strerror(errno)))
        }
        synchronize(parent(of: other))
    }

    /// The folder that something is in.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
