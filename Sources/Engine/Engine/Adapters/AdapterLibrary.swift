internal import Glibc
public import Models
internal import Synchronization

/// The adapters that requests may name, and those of them that are in memory.
///
/// An adapter is loaded when it is first needed, on a thread of its own, and stays until others need its room: then the one
/// goes that hasn't been used for longest, of those that no request uses. Where all are in use, a request waits for one to be
/// free.
public actor AdapterLibrary {
    /// An adapter's name and where it comes from.
    public struct Entry: Sendable, Hashable {
        /// What requests call it.
        public let name: String
        /// Its directory.
        public let path: String
        /// When the name was given, seconds since 1970.
        public let created: Int
        /// Whether a request's `model` may be this name, as one that the server's operator gave.
        public let isModel: Bool
        /// Counts the times that names were given.
        fileprivate let generation: Int
    }

    private struct Held {
        let entry: Entry
        var adapter: Adapter
        var lastUse: Int
    }

    /// Most names.
    private static let mostEntries = 1024
    /// Most bytes of a name.
    private static let longestName = 256
    /// How long an adapter waits for another's room.
    private static let longestWaitSeconds = 60

    /// Most adapters in memory.
    public nonisolated let capacity: Int
    /// Most different adapters in one iteration of the engine.
    public nonisolated let mostAtOnce: Int
    /// Whether clients may name directories, and give and take names.
    public nonisolated let allowsAnyPath: Bool
    /// Directories in which clients may name others.
    private let folders: [String]
    private let load: @Sendable (_ name: String, _ path: String) throws -> Adapter
    private let clock: EngineClock
    /// Names that no adapter may have: the model's.
    private let reserved: Set<String>
    /// What is known, for those who can't wait.
    private nonisolated let names = Mutex<[String: Entry]>([:])
    private var held: [Held] = []
    private var loading: [Entry: Task<Adapter, any Error>] = [:]
    /// Loads that have room and haven't ended.
    private var loadingCount = 0
    private var useCount = 0
    private var generation = 0

    /// A library without adapters.
    ///
    /// - Parameters:
    ///   - capacity: Most adapters in memory, at least one.
    ///   - mostAtOnce: Most different adapters in one iteration of the engine.
    ///   - reserved: Names that no adapter may have.
    ///   - folders: Directories in which clients may name others.
    ///   - allowsAnyPath: Whether clients may name any directory.
    ///   - load: Loads a directory as the adapter of a name; called on a thread of its own.
    public init(
        capacity: Int,
        mostAtOnce: Int,
        reserved: Set<String> = [],
        folders: [String] = [],
        allowsAnyPath: Bool = false,
        clock: EngineClock = .system,
        load: @escaping @Sendable (_ name: String, _ path: String) throws -> Adapter,
    ) {
        self.capacity = max(1, capacity)
        self.mostAtOnce = mostAtOnce
        self.reserved = reserved
        self.folders = folders.compactMap(Self.realPath)
        self.allowsAnyPath = allowsAnyPath
        self.clock = clock
        self.load = load
    }

    /// All names, in the order in which they were given.
    public nonisolated var entries: [Entry] {
        names.withLock { Array($0.values) }.sorted { $0.generation < $1.generation }
    }

    /// The adapter of a name; `nil` if there is none.
    public nonisolated func entry(named name: String) -> Entry? { names.withLock { $0[name] } }

    /// Whether a request's `model` may be a name.
    public nonisolated func isModel(_ name: String) -> Bool { entry(named: name)?.isModel == true }

    /// Whether a client may name a directory.
    public nonisolated func allows(path: String) -> Bool {
        if allowsAnyPath { return true }
        guard let path = Self.realPath(path) else { return false }
        return folders.contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    /// A path without links and dots; `nil` if there is nothing.
    private static func realPath(_ path: String) -> String? {
        guard !path.utf8.contains(0), let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// How many adapters are in memory for later requests.
    public var heldCount: Int { held.count }

    /// Gives a directory a name and loads it.
    ///
    /// - Parameters:
    ///   - replaces: Whether the name may be that of another adapter, which new requests then don't get any more.
    ///   - isModel: Whether requests may name it as their `model`; not where a request without further rights gave the name,
    ///     which makes room for others' when there are too many.
    /// - Throws: `AdapterError`; nothing has changed then.
    public func add(
        name: String,
        path: String,
        replaces: Bool = false,
        isModel: Bool = true,
    ) async throws(AdapterError) {
        let count = name.utf8.count
        guard (1...Self.longestName).contains(count) else {
            throw .badName(
                name: String(name.prefix(64)),
                reason: "it has \(count) bytes, 1 to \(Self.longestName) are allowed"
            )
        }
        guard !reserved.contains(name) else { throw .badName(name: name, reason: "the model has it") }
        try checkRoom(for: name, replaces: replaces)
        guard !path.utf8.contains(0), access("\(path)/adapter_config.json", F_OK) == 0 else {
            throw .missing(name: name, path: path)
        }
        generation += 1
        let entry = Entry(
            name: name,
            path: path,
            created: Int(clock.wallSeconds()),
            isModel: isModel,
            generation: generation
        )
        _ = try await adapter(entry)
        do {
            // Another may have taken the name meanwhile.
            try checkRoom(for: name, replaces: replaces)
        } catch {
            forget { $0.entry == entry }
            throw error
        }
        keep(entry)
    }

    private func checkRoom(for name: String, replaces: Bool) throws(AdapterError) {
        let known = names.withLock { $0 }
        if let other = known[name] {
            guard replaces else { throw .nameTaken(name: name, path: other.path) }
        } else if known.count >= Self.mostEntries, known.values.allSatisfy(\.isModel) {
            throw .tooMany(limit: Self.mostEntries)
        }
    }

    /// Takes in an entry for which there is room, in the place of the oldest that may go where there are as many as may be.
    private func keep(_ entry: Entry) {
        let oldest: Entry? = names.withLock { names in
            defer { names[entry.name] = entry }
            guard names[entry.name] == nil, names.count >= Self.mostEntries else { return nil }
            let oldest = names.values.filter { !$0.isModel }.min { $0.generation < $1.generation }
            return oldest.flatMap { names.removeValue(forKey: $0.name) }
        }
        forget { $0.entry == oldest || $0.entry.name == entry.name && $0.entry != entry }
    }

    /// Forgets a name; requests that use the adapter keep it.
    ///
    /// - Throws: `AdapterError.unknown`.
    public func remove(name: String) throws(AdapterError) {
        guard names.withLock({ $0.removeValue(forKey: name) }) != nil else { throw .unknown(name: name) }
        forget { $0.entry.name == name }
    }

    /// The adapter of a name, loaded if it isn't in memory.
    ///
    /// - Throws: `AdapterError`.
    public func adapter(named name: String) async throws(AdapterError) -> Adapter {
        guard let entry = entry(named: name) else { throw .unknown(name: name) }
        return try await adapter(entry)
    }

    private func adapter(_ entry: Entry) async throws(AdapterError) -> Adapter {
        useCount += 1
        if let place = held.firstIndex(where: { $0.entry == entry }) {
            held[place].lastUse = useCount
            return held[place].adapter
        }
        let task = loading[entry] ?? Task { try await fetch(entry) }
        loading[entry] = task
        do {
            return try await task.value
        } catch let error as AdapterError {
            throw error
        } catch ModelError.lost(let reason) {
            throw .failed(reason)
        } catch {
            throw .unusable(name: entry.name, reason: "\(error)")
        }
    }

    /// Loads an adapter once there is room for it.
    private func fetch(_ entry: Entry) async throws -> Adapter {
        defer { loading[entry] = nil }
        let end = clock.monotonicSeconds() + Double(Self.longestWaitSeconds)
        while !makeRoom() {
            guard clock.monotonicSeconds() < end else {
                throw AdapterError.busy(name: entry.name, seconds: Self.longestWaitSeconds)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        loadingCount += 1
        defer { loadingCount -= 1 }
        let adapter = try await loaded(entry)
        useCount += 1
        held.append(Held(entry: entry, adapter: adapter, lastUse: useCount))
        return adapter
    }

    private func loaded(_ entry: Entry) async throws -> Adapter {
        try await withCheckedThrowingContinuation { continuation in
            let code = SystemThread.start(name: "adapter") { [load] in
                continuation.resume(with: Result { try load(entry.name, entry.path) })
            }
            if code != 0 {
                continuation.resume(
                    throwing: AdapterError.unusable(name: entry.name, reason: "there is no thread for it")
                )
            }
        }
    }

    /// Makes room for one more adapter.
    ///
    /// - Returns: whether there is.
    private func makeRoom() -> Bool {
        guard held.count + loadingCount >= capacity else { return true }
        let oldest = held.indices.sorted { held[$0].lastUse < held[$1].lastUse }
        guard let place = oldest.first(where: { isKnownUniquelyReferenced(&held[$0].adapter) }) else { return false }
        held.remove(at: place)
        return held.count + loadingCount < capacity
    }

    private func forget(_ isOver: (Held) -> Bool) { held.removeAll(where: isOver) }
}
