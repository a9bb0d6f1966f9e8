internal import CPUKernels

/// The cores of a host, dealt to the processes that compute one model together.
///
/// Processes get whole physical cores, neighbours of one memory node before those of another: what a process computes with
/// then lies in the memory of its own cores.
public struct CoreShares: Sendable, Hashable {
    /// A physical core: its hardware threads, and the memory that is nearest.
    public struct Core: Sendable, Hashable {
        /// Numbers of its hardware threads.
        public var threads: [Int]
        /// Number of the memory node.
        public var node: Int

        /// A core of known parts.
        public init(threads: [Int], node: Int) {
            self.threads = threads
            self.node = node
        }
    }

    /// The host's physical cores that this process may use, those of one memory node together.
    public let cores: [Core]

    /// Known cores.
    public init(_ cores: [Core]) {
        self.cores = cores.sorted { ($0.node, $0.threads.first ?? 0) < ($1.node, $1.threads.first ?? 0) }
    }

    /// What this process may use now.
    public static var current: CoreShares {
        let allowed = HostTopology.allowedCores()
        let cores = Dictionary(grouping: allowed, by: HostTopology.physicalCore)
        return CoreShares(cores.values.map { Core(threads: $0.sorted(), node: node(of: $0[0])) })
    }

    /// The hardware threads of one of `count` processes; `nil` where there are fewer physical cores than processes, which
    /// then share them all.
    public func share(of index: Int, count: Int) -> [Int]? {
        guard count > 0, index >= 0, index < count, count <= cores.count else { return nil }
        let range = cores.count * index / count..<cores.count * (index + 1) / count
        return cores[range].flatMap(\.threads)
    }

    /// Has this process run on some cores only.
    ///
    /// - Returns: whether the system allows it.
    public static func bind(to threads: [Int]) -> Bool {
        host_bind_cores(threads.map(Int32.init), Int32(threads.count)) == 0
    }

    /// The memory node of a hardware thread; 0 where the kernel knows none.
    private static func node(of core: Int) -> Int {
        for node in 0..<64 {
            guard let list = TextFile.contents("/sys/devices/system/node/node\(node)/cpulist") else { continue }
            if numbers(list).contains(where: { $0.contains(core) }) { return node }
        }
        return 0
    }

    /// The ranges of a list such as `0-3,8`.
    private static func numbers(_ list: String) -> [ClosedRange<Int>] {
        list.split(separator: ",").compactMap { part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return nil }
            return first...last
        }
    }
}
