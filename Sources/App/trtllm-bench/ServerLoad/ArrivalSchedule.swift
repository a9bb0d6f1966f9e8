internal import Foundation

/// When requests are to be sent, counted from the start of a run.
package struct ArrivalSchedule: Sendable {
    /// Ascending; the first request comes at once.
    package let offsets: [Duration]

    /// Arrivals as of many independent clients, `rate` per second on average (a Poisson process); all at once without.
    package init(count: Int, rate: Double?, seed: UInt64) {
        guard let rate else {
            offsets = Array(repeating: .zero, count: count)
            return
        }
        var generator = SeededGenerator(seed: seed)
        var time = 0.0
        offsets = (0..<count).map { _ in
            defer { time -= log(1 - Double.random(in: 0..<1, using: &generator)) / rate }
            return .seconds(time)
        }
    }
}
