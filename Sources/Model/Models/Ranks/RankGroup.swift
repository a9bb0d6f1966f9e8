public import Parallel
internal import Synchronization

/// The ranks that compute a model together, as one of them sees them.
///
/// Behind the first failure nothing is exchanged any more: passes then end with numbers that mean nothing, and whoever made
/// them asks `check`.
public final class RankGroup: Sendable {
    /// How the model is dealt.
    public let layout: RankLayout
    /// Where this rank stands.
    public let place: RankPlace
    /// This rank.
    public var rank: Int { world.rank }
    /// All ranks.
    let world: any Communicator
    /// Those of this rank's stage.
    let stage: any Communicator
    /// Whether the thread works that makes this rank's calls.
    let clock = ComputeClock()
    /// Those of them that have the same experts.
    let experts: any Communicator
    /// All ranks, for what they say of adapters; `nil` where there are none.
    let adapters: (any Communicator)?
    private let failure = Mutex<CommunicatorError?>(nil)

    /// Seconds that this rank has spent exchanging data with others, waiting for them included.
    var exchangeSeconds: Double { Double(world.traffic.nanoseconds) / 1e9 }

    /// The group of all ranks of a communicator; all of them make this call.
    ///
    /// - Parameter hasAdapters: Whether the model may have adapters.
    /// - Throws: `ModelError.badLayout` if there aren't as many ranks as the layout has; `CommunicatorError`.
    public init(_ layout: RankLayout, world: any Communicator, hasAdapters: Bool = false) throws {
        guard layout.size == world.size else {
            throw ModelError.badLayout(
                "tp_size (\(layout.tensorParallel)) times pp_size (\(layout.pipelineParallel)) is \(layout.size), "
                    + "but there are \(world.size) ranks"
            )
        }
        self.layout = layout
        self.world = world
        place = layout.place(of: world.rank)
        stage = layout.pipelineParallel > 1 ? try world.split(color: place.stage) : world
        let isDealt = layout.expertParallel > 1 && layout.expertTensorParallel > 1
        experts = isDealt ? try stage.split(color: place.expert) : stage
        adapters = hasAdapters ? try world.split(color: 0, isCounted: false) : nil
    }

    /// Why ranks can't go on, if they can't.
    public var error: CommunicatorError? { failure.withLock { $0 } }

    /// Throws what went wrong since the ranks met.
    func check() throws(CommunicatorError) {
        if let error { throw error }
    }

    /// Exchanges something, if nothing has gone wrong yet.
    func exchange(_ body: () throws(CommunicatorError) -> Void) {
        guard error == nil else { return }
        do {
            try clock.busy(.exchange, body)
        } catch {
            failure.withLock { $0 = $0 ?? error }
        }
    }

    /// What brings together the rows of the embedding that the ranks of a stage have; `nil` if it has only this.
    var sum: RankSum? { stage.size > 1 ? RankSum(self) : nil }
}

/// Adds up numbers of which all but one rank of a stage have zeros, as an operation of a program.
///
/// Valid as long as the group lives; using it counts no reference.
struct RankSum {
    private unowned(unsafe) let group: RankGroup

    fileprivate init(_ group: RankGroup) { self.group = group }

    /// Replaces numbers by their sums over the ranks.
    func add(_ numbers: UnsafeMutablePointer<Float>, count: Int) {
        group.exchange { () throws(CommunicatorError) in
            try group.stage.allReduce(UnsafeMutableBufferPointer(start: numbers, count: count))
        }
    }
}

extension RankGroup {
    /// Sends rows of numbers to another rank.
    func send(_ numbers: UnsafePointer<Float>, count: Int, to rank: Int) {
        exchange { () throws(CommunicatorError) in
            try world.send(UnsafeRawBufferPointer(UnsafeBufferPointer(start: numbers, count: count)), to: rank)
        }
    }

    /// Receives rows of numbers from another rank.
    func receive(_ numbers: UnsafeMutablePointer<Float>, count: Int, from rank: Int) {
        exchange { () throws(CommunicatorError) in
            try world.receive(
                UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: numbers, count: count)),
                from: rank
            )
        }
    }

    /// The rank in the same place of another stage.
    func peer(inStage stage: Int) -> Int { stage * layout.tensorParallel + place.tensor }

    /// Where the residual goes from a stage that isn't the last, or the first where there is only one.
    var nextStage: Int { peer(inStage: (place.stage + 1) % layout.pipelineParallel) }

    /// Where it comes from.
    var previousStage: Int {
        peer(inStage: (place.stage + layout.pipelineParallel - 1) % layout.pipelineParallel)
    }
}
