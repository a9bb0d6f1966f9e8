internal import Glibc

/// Files that are read as a whole.
package enum SmallFile {
    /// The bytes of a regular file.
    ///
    /// - Throws: `CheckpointError.unreadable` if it can't be read, `.tooLarge` if it has more than `limit` bytes.
    static func read(_ path: String, limit: Int) throws(CheckpointError) -> [UInt8] {
        let file = try MappedFile(path: path)
        guard file.count <= limit else {
            throw .tooLarge(file: path, field: "size", value: UInt64(file.count), limit: UInt64(limit))
        }
        return try file.bytes(0..<file.count)
    }

    /// The bytes of a regular file; `nil` if there is nothing of that name.
    ///
    /// - Throws: as `read`.
    package static func readIfThere(_ path: String, limit: Int) throws(CheckpointError) -> [UInt8]? {
        DirectoryListing.exists(path) ? try read(path, limit: limit) : nil
    }

    /// The text of a regular file.
    ///
    /// - Throws: as `read`; `CheckpointError.malformed` if it isn't UTF-8.
    static func text(_ path: String, limit: Int) throws(CheckpointError) -> String {
        let bytes = try read(path, limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(file: path, field: "content", value: "\(bytes.count) bytes", reason: "not UTF-8")
        }
        return text
    }
}
