internal import Synchronization

/// Something that happens once, whoever comes first.
package final class OnceFlag: Sendable {
    private let flag = Atomic(false)

    /// A flag not raised yet.
    package init() {}

    /// Whether it has happened.
    package var isRaised: Bool { flag.load(ordering: .relaxed) }

    /// Whether this call was the first.
    @discardableResult package func raise() -> Bool { !flag.exchange(true, ordering: .relaxed) }
}
