/// Which adapters the requests of a scheduler have.
package struct AdapterTally: Sendable {
    private struct Count {
        var waiting = 0
        var running = 0
    }

    private var counts: [String: Count] = [:]
    /// Their names, as others see them.
    package private(set) var activity = EngineActivity.Adapters()

    /// Notes that a request waits.
    mutating func add(_ name: String?) { change(name) { $0.waiting += 1 } }

    /// Notes that it runs.
    mutating func start(_ name: String?) {
        change(name) { count in
            count.waiting -= 1
            count.running += 1
        }
    }

    /// Notes that it has ended.
    mutating func end(_ name: String?, hasStarted: Bool) {
        change(name) { count in
            if hasStarted { count.running -= 1 } else { count.waiting -= 1 }
        }
    }

    private mutating func change(_ name: String?, _ change: (inout Count) -> Void) {
        guard let name else { return }
        change(&counts[name, default: Count()])
        if let count = counts[name], count.waiting == 0, count.running == 0 { counts[name] = nil }
        activity.running = counts.filter { $0.value.running > 0 }.keys.sorted()
        activity.waiting = counts.filter { $0.value.waiting > 0 }.keys.sorted()
    }
}
