internal import Glibc

/// Folders of the cache.
enum Folders {
    /// Makes the folders that lead to a path.
    ///
    /// - Throws: `HubError.inaccessible` naming the one that can't be made.
    static func make(above path: String) throws(HubError) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        let folder = String(path[..<slash])
        if mkdir(folder, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw .system(folder) }
        try make(above: folder)
        guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw .system(folder) }
    }

    /// Paths of all files below a folder, relative to it, sorted; links count as what they lead to.
    static func files(below root: String) -> [String] {
        let mostFiles = 100_000
        let deepest = 16
        var found: [String] = []
        var folders = [(path: "", depth: 0)]
        while let (folder, depth) = folders.popLast(), found.count < mostFiles {
            for name in names(in: root + folder) {
                var status = stat()
                let path = "\(folder)/\(name)"
                guard stat(root + path, &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFREG: found.append(String(path.dropFirst()))
                case S_IFDIR where depth < deepest: folders.append((path, depth + 1))
                default: break
                }
            }
        }
        return found.sorted()
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Bytes that are free on the disk of a folder, or of the nearest one above it that is there.
    static func freeBytes(at path: String) -> Int? {
        var path = path
        var status = statvfs()
        while statvfs(path, &status) != 0 {
            guard errno == ENOENT, let slash = path.lastIndex(of: "/") else { return nil }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        return Int(clamping: status.f_bavail.multipliedReportingOverflow(by: status.f_frsize).partialValue)
    }
}
