/// The name of one request in its answer and in the log: `x-request-id`.
enum RequestID {
    private static let mostBytes = 128

    /// The client's name for it, if that is printable and short, otherwise one of our own.
    static func taken(over proposed: String?) -> String {
        guard let proposed, (1...mostBytes).contains(proposed.utf8.count),
            proposed.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return made() }
        return proposed
    }

    private static func made() -> String {
        let halves = (0..<2).map { _ in UInt64.random(in: .min ... .max) }
        return "req-" + halves.map { String($0, radix: 16).leftPadded(16) }.joined()
    }
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: "0", count: Swift.max(0, width - count)) + self
    }
}
