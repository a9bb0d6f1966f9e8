internal import Checkpoints
internal import Crypto
internal import Glibc

/// Which checkpoint it is, and which state of its files.
package struct CheckpointIdentity: Sendable, Hashable {
    private let files: [FileIdentity]
    /// Whether a change of a file from now on would be seen.
    package let isSettled: Bool

    /// The identity of what is at a path now; `nil` for what engines aren't cached of.
    ///
    /// - Parameter now: Seconds since 1970; the clock's if `nil`.
    package init?(path: String, now: Int? = nil) {
        guard let paths = try? CheckpointFiles.paths(path) else { return nil }
        files = paths.compactMap(FileIdentity.init)
        guard files.count == paths.count, !files.isEmpty else { return nil }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        if let now { time = timespec(tv_sec: now, tv_nsec: 0) }
        isSettled = files.allSatisfy { $0.isSettled(at: time) }
    }

    /// Whether these are the same files in the same state.
    package static func == (left: CheckpointIdentity, right: CheckpointIdentity) -> Bool { left.files == right.files }

    /// Takes what `==` compares.
    package func hash(into hasher: inout Hasher) { hasher.combine(files) }

    /// A name for the files' states and how an engine is made of them.
    func key(_ recipe: EngineRecipe) -> String {
        SHA256.hash(data: Array((recipe.text + files.map(\.text).joined(separator: "\n")).utf8)).hexadecimal
    }

    /// A name for the files' contents and how an engine is made of them: SHA-256 of everything, so that nobody can make a
    /// checkpoint whose engine is taken for another's.
    ///
    /// - Returns: `nil` if `goesOn` ended it, or a file can't be read.
    func contentKey(_ recipe: EngineRecipe, goesOn: () -> Bool) -> String? {
        var text = recipe.text
        let root = files.map { Folder.parent(of: $0.path) }.min { $0.utf8.count < $1.utf8.count } ?? ""
        for file in files {
            guard let sum = Self.sum(file.path, goesOn) else { return nil }
            let name = file.path.hasPrefix(root) ? file.path.dropFirst(root.count) : file.path[...]
            text += "\(name) \(file.byteCount) \(sum)\n"
        }
        return SHA256.hash(data: Array(text.utf8)).hexadecimal
    }

    private static func sum(_ path: String, _ goesOn: () -> Bool) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while goesOn() {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? hash.finalize().hexadecimal : nil }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return nil
    }
}

/// How an engine is made of a checkpoint: with another one, the same files give another engine.
package struct EngineRecipe: Sendable, Hashable {
    /// The program with its version.
    package var writer: String
    /// What becomes of the checkpoint's weights, in words.
    package var quantization: String

    /// A recipe.
    package init(writer: String, quantization: String) {
        self.writer = writer
        self.quantization = quantization
    }

    /// Lines that are others for another recipe.
    var text: String { "format \(EngineFormat.version)\nwriter \(writer)\nquantization \(quantization)\n" }
}
