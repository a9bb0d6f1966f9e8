internal import Logging
internal import Synchronization

/// Shows how far loading is: a bar on a terminal, a log line per tenth otherwise.
final class LoadProgress: Sendable {
    private let logger: Logger
    private let isTerminal: Bool
    private let lastStep = Mutex(-1)

    init(logger: Logger, isTerminal: Bool = StandardStreams.errorIsTerminal) {
        self.logger = logger
        self.isTerminal = isTerminal
    }

    /// Takes the share that is done, 0 to 1; may be called from any thread and as often as one likes.
    func update(_ share: Double) {
        let share = min(1, max(0, share))
        let steps = isTerminal ? 50 : 10
        let step = Int(share * Double(steps))
        let isNew = lastStep.withLock { last in
            defer { last = max(last, step) }
            return step > last
        }
        guard isNew else { return }
        if isTerminal {
            let bar = String(repeating: "#", count: step) + String(repeating: ".", count: steps - step)
            let line = "\rloading [\(bar)] \(Int(share * 100)) %"
            StandardStreams.complain(line, terminator: step == steps ? "\n" : "")
        } else {
            logger.info("loading the model", metadata: ["percent": "\(Int(share * 100))"])
        }
    }
}
