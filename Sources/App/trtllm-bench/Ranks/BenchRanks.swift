internal import Engine
internal import Foundation
internal import Parallel
internal import Synchronization

/// The processes that compute the model that is measured, met and watched.
final class BenchRanks: Sendable {
    /// What they exchange data by.
    let world: RankWorld
    private let hasEnded: SystemSemaphore

    private init(_ world: RankWorld, _ hasEnded: SystemSemaphore) {
        self.world = world
        self.hasEnded = hasEnded
    }

    /// This process's place.
    var rank: Int { world.communicator.rank }

    /// Starts the others where this process is the first, and meets them.
    ///
    /// A thread lives as long as they do, and ends this process when one of them is lost.
    /// - Throws: `CommunicatorError.failed` when they can't be started or don't come.
    static func join(_ count: Int) throws -> BenchRanks {
        let met = Mutex<Result<RankWorld, CommunicatorError>?>(nil)
        let (hasMet, hasEnded) = (SystemSemaphore(), SystemSemaphore())
        let code = SystemThread.start(name: "ranks") {
            var processes: RankProcesses?
            do throws(CommunicatorError) {
                let door = try RankDoor(ranks: count, keepsMPI: false)
                processes = door.processes
                let world = try door.meet(transport: .auto, wire: .float32)
                met.withLock { $0 = .success(world) }
                hasMet.signal()
                let end = world.watch.run(explain: { [processes] in processes?.explain($0) })
                processes?.end(patience: 5)
                if case .lost(let error) = end {
                    FileHandle.standardError.write(Data("trtllm-bench: \(error)\n".utf8))
                    _exit(EXIT_FAILURE)
                }
            } catch {
                processes?.end(patience: 0.5)
                met.withLock { $0 = .failure(error) }
                hasMet.signal()
            }
            hasEnded.signal()
        }
        guard code == 0 else { throw CommunicatorError.failed("the system gives no thread to watch ranks with") }
        hasMet.wait()
        guard let world = try met.withLock({ $0 })?.get() else { throw CommunicatorError.failed("no rank has come") }
        return BenchRanks(world, hasEnded)
    }

    /// Ends all of them because this one can't go on.
    func fail(_ reason: String) {
        world.watch.fail(reason)
        waitUntilEnded()
    }

    /// Waits until the first rank says that the work is done.
    func waitUntilEnded() { hasEnded.wait() }

    /// Says that the work is done, and waits until the ranks that this process has started are gone.
    func finish() {
        world.watch.finish()
        waitUntilEnded()
    }
}
