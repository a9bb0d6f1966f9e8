package import Checkpoints
internal import Glibc

/// Engines of checkpoints that were served before, so that they start at once.
///
///     DIRECTORY/
///       CONTENT KEY/            an engine directory; the time of its change is when it was used last
///       CONTENT KEY.partial-PID what is being written
///       files/FILES KEY         the content key of files in a state: what saves reading them
///       locks/CONTENT KEY       held by who writes that engine
///       locks/all               held by who makes room
///
/// Nothing here is needed: whatever can't be read or written is done without.
package struct EngineCache: Sendable {
    /// Share of the file system that stays free.
    package static let leastFreeShare = 0.1

    /// Where it is, and how much it may take.
    package let settings: CacheSettings
    /// Tells the room on the disk.
    private let space: @Sendable (String) -> DiskSpace?

    /// A cache.
    ///
    /// - Parameter space: Tells how much room there is where a folder is.
    package init(
        _ settings: CacheSettings,
        space: @escaping @Sendable (String) -> DiskSpace? = { DiskSpace(at: $0) },
    ) {
        self.settings = settings
        self.space = space
    }

    /// The directory of the engine of a checkpoint in its present state, which counts as used now; `nil` if there is none.
    package func find(_ identity: CheckpointIdentity, _ recipe: EngineRecipe) -> String? {
        guard identity.isSettled,
            let bytes = try? SmallFile.readIfThere(note(identity, recipe), limit: 4096),
            let name = String(validating: bytes, as: UTF8.self), Self.isKey(name)
        else { return nil }
        let directory = place(name)
        guard Folder.isFolder(directory) else { return nil }
        markUsed(directory)
        return directory
    }

    /// Whether an engine that was found is still there, so that nothing of it was removed while it was read.
    package func isThere(_ directory: String) -> Bool { Folder.isFolder(directory) }

    /// Notes that an engine is used now.
    package func markUsed(_ directory: String) { utimensat(AT_FDCWD, directory, nil, 0) }

    /// Removes an engine; whoever is reading it sees that it is gone before anything of it is.
    package func discard(_ directory: String) {
        let old = "\(directory).old-\(getpid())"
        Folder.remove(old)
        guard rename(directory, old) == 0 else { return }
        Folder.remove(old)
    }

    /// How an attempt to keep an engine ended.
    package enum Outcome: Sendable, Hashable {
        /// It is there now.
        case written(directory: String, evicted: Int)
        /// It was there already, of other files with the same content.
        case known(directory: String)
        /// It isn't kept, and why.
        case skipped(String)
    }

    /// Keeps an engine of a checkpoint: reads all files once more for the content's key, and writes.
    ///
    /// - Parameters:
    ///   - identity: The checkpoint's, from before it was loaded.
    ///   - goesOn: Asked now and then; nothing is left when it says no.
    package func store(
        _ writer: EngineWriter,
        of path: String,
        _ identity: CheckpointIdentity,
        _ recipe: EngineRecipe,
        goesOn: () -> Bool = { true },
    ) -> Outcome {
        guard identity.isSettled else { return .skipped("its files were changed just now") }
        if let reason = lackOfRoom(writer.byteCount) { return .skipped(reason) }
        guard let key = identity.contentKey(recipe, goesOn: goesOn) else { return .skipped("its files weren't read") }
        // What was loaded and what was read now are the same if the files are still in the same state.
        guard CheckpointIdentity(path: path) == identity else { return .skipped("its files have changed meanwhile") }
        do throws(CheckpointError) {
            for folder in ["", "/files", "/locks"] { try Folder.make(settings.directory + folder) }
            guard let lock = FileLock(path: "\(settings.directory)/locks/\(key)", waits: false) else {
                return .skipped("another process is writing it")
            }
            defer { lock.release() }
            let directory = place(key)
            if Folder.isFolder(directory), (try? EngineSummary(directory: directory)) != nil {
                try remember(key, identity, recipe)
                markUsed(directory)
                return .known(directory: directory)
            }
            discard(directory)
            let (evicted, reason) = makeRoom(for: writer.byteCount)
            if let reason { return .skipped(reason) }
            guard try writer.write(to: directory, progress: { _ in goesOn() }) else {
                return .skipped("it was stopped")
            }
            try remember(key, identity, recipe)
            return .written(directory: directory, evicted: evicted)
        } catch {
            return .skipped("\(error)")
        }
    }

    private func remember(
        _ key: String,
        _ identity: CheckpointIdentity,
        _ recipe: EngineRecipe,
    ) throws(CheckpointError) {
        let note = note(identity, recipe)
        let partial = "\(note).partial-\(getpid())"
        Folder.remove(partial)
        try FileWriter.write(Array(key.utf8), to: partial)
        try Folder.move(partial, to: note)
    }

    private func note(_ identity: CheckpointIdentity, _ recipe: EngineRecipe) -> String {
        "\(settings.directory)/files/\(identity.key(recipe))"
    }

    private func place(_ key: String) -> String { "\(settings.directory)/\(key)" }

    /// Whether a name is a key.
    private static func isKey(_ name: String) -> Bool {
        name.utf8.count == 64 && name.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }
}

// MARK: Room

extension EngineCache {
    /// Why an engine of so many bytes isn't written; `nil` if there is room or can be made.
    private func lackOfRoom(_ bytes: Int) -> String? {
        guard let space = self.space(existing(settings.directory)) else { return "the room on the disk can't be told" }
        let limit = limit(space)
        if bytes > limit { return "it would take \(bytes) bytes, and the cache may take \(limit)" }
        return nil
    }

    private func limit(_ space: DiskSpace) -> Int { settings.limit ?? space.total / 4 }

    /// The nearest folder above that is there.
    private func existing(_ path: String) -> String {
        var path = path
        while !Folder.isFolder(path), path != "/", path != "." { path = Folder.parent(of: path) }
        return path
    }

    /// Removes what was left of writers that are gone, and the engines used longest ago, until there is room.
    ///
    /// - Returns: how many engines were removed, and why there is no room, if there isn't.
    private func makeRoom(for bytes: Int) -> (evicted: Int, lack: String?) {
        guard let lock = FileLock(path: "\(settings.directory)/locks/all", waits: true) else {
            return (0, "the cache can't be locked")
        }
        defer { lock.release() }
        removeLeftovers()
        guard let space = self.space(settings.directory) else { return (0, "the room on the disk can't be told") }
        var engines = list().sorted { $0.lastUse < $1.lastUse }
        var total = engines.reduce(0) { $0 + $1.byteCount }
        var free = space.free
        let reserve = Int(Double(space.total) * Self.leastFreeShare)
        func fits() -> Bool { total + bytes <= limit(space) && free - bytes >= reserve }
        // Nothing is removed for what wouldn't fit even then.
        guard free + total - bytes >= reserve else {
            return (0, "less than \(Int(Self.leastFreeShare * 100)) % of the disk would stay free")
        }
        var evicted = 0
        while !fits(), !engines.isEmpty {
            let oldest = engines.removeFirst()
            discard(oldest.directory)
            total -= oldest.byteCount
            free += oldest.byteCount
            evicted += 1
        }
        return (evicted, fits() ? nil : "less than \(Int(Self.leastFreeShare * 100)) % of the disk would stay free")
    }

    /// The key in a name of what a writer leaves that is killed: `KEY.partial-PID`, `KEY.old-PID`.
    private static func keyOfLeftover(_ name: String) -> String? {
        let key = String(name.prefix(64))
        guard isKey(key) else { return nil }
        let rest = name.dropFirst(64)
        guard let start = [".partial-", ".old-"].first(where: rest.hasPrefix) else { return nil }
        let process = rest.dropFirst(start.count)
        return !process.isEmpty && process.allSatisfy { $0.isASCII && $0.isNumber } ? key : nil
    }

    private func removeLeftovers() {
        for name in Folder.names(settings.directory) ?? [] {
            guard let key = Self.keyOfLeftover(name), Folder.isFolder(place(name)) else { continue }
            // Who writes it holds its lock.
            guard let lock = FileLock(path: "\(settings.directory)/locks/\(key)", waits: false) else { continue }
            Folder.remove(place(name))
            lock.release()
        }
    }
}

// MARK: List and clear

extension EngineCache {
    /// One of its engines.
    package struct Entry: Sendable, Hashable {
        /// Where it is.
        package var directory: String
        /// Bytes of its files.
        package var byteCount: Int
        /// When it was used last, in seconds since 1970.
        package var lastUse: Int
        /// What it says of itself; `nil` if it is damaged.
        package var summary: EngineSummary?
    }

    /// All its engines, the one used last first.
    package func list() -> [Entry] {
        let names = (Folder.names(settings.directory) ?? []).filter(Self.isKey)
        let entries = names.compactMap { name -> Entry? in
            let directory = place(name)
            var status = stat()
            // A folder of such a name that holds no engine is somebody else's.
            guard stat(directory, &status) == 0, Folder.isFile("\(directory)/\(EngineFormat.weightsFile)") else {
                return nil
            }
            return Entry(
                directory: directory,
                byteCount: Self.size(directory),
                lastUse: status.st_mtim.tv_sec,
                summary: try? EngineSummary(directory: directory)
            )
        }
        return entries.sorted { ($0.lastUse, $0.directory) > ($1.lastUse, $1.directory) }
    }

    /// Removes all its engines, but for what is being written.
    ///
    /// - Returns: how many there were, and their bytes.
    /// - Throws: `CheckpointError.unwritable` if there are engines and the cache can't be locked.
    package func clear() throws(CheckpointError) -> (count: Int, byteCount: Int) {
        let entries = list()
        let path = "\(settings.directory)/locks/all"
        guard let lock = FileLock(path: path, waits: true) else {
            if entries.isEmpty { return (0, 0) }
            throw .unwritable(file: path, reason: "the cache can't be locked")
        }
        defer { lock.release() }
        for entry in entries { discard(entry.directory) }
        removeLeftovers()
        let notes = "\(settings.directory)/files"
        for name in Folder.names(notes) ?? [] where Self.isKey(name) || Self.keyOfLeftover(name) != nil {
            unlink("\(notes)/\(name)")
        }
        rmdir(notes)
        return (entries.count, entries.reduce(0) { $0 + $1.byteCount })
    }

    /// Bytes of all files in a folder.
    private static func size(_ path: String) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        guard status.st_mode & S_IFMT == S_IFDIR else { return Int(status.st_size) }
        return (Folder.names(path) ?? []).reduce(0) { $0 + size("\(path)/\($1)") }
    }
}
