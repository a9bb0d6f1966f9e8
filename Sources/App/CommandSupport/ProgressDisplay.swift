internal import Synchronization

/// Shows how far something is: a bar on a terminal, a line per tenth otherwise.
package final class ProgressDisplay: Sendable {
    private let activity: String
    private let isTerminal: Bool
    private let line: @Sendable (_ text: String) -> Void
    private let lastStep = Mutex(-1)

    /// A display that hasn't shown anything.
    ///
    /// - Parameters:
    ///   - activity: What is being done: "loading".
    ///   - line: Shows a line where there is no terminal.
    package init(
        _ activity: String,
        isTerminal: Bool = StandardStreams.errorIsTerminal,
        line: @escaping @Sendable (_ text: String) -> Void,
    ) {
        self.activity = activity
        self.isTerminal = isTerminal
        self.line = line
    }

    /// Takes the share that is done, 0 to 1; may be called from any thread and as often as one likes.
    ///
    /// - Parameter amount: The same in words, which follow the percentage.
    package func update(_ share: Double, amount: @autoclosure () -> String = "") {
        let share = min(1, max(0, share))
        let steps = isTerminal ? 100 : 10
        let step = Int(share * Double(steps))
        let isNew = lastStep.withLock { last in
            defer { last = max(last, step) }
            return step > last
        }
        guard isNew else { return }
        let words = ["\(Int(share * 100)) %", amount()].filter { !$0.isEmpty }.joined(separator: ", ")
        if isTerminal {
            let bar = String(repeating: "#", count: step / 2) + String(repeating: ".", count: (steps - step) / 2)
            StandardStreams.complain("\r\(activity) [\(bar)] \(words)", terminator: step == steps ? "\n" : "")
        } else {
            line("\(activity): \(words)")
        }
    }
}
