internal import Synchronization

/// Something that happens once, whoever comes first.
package final class OnceFlag: Sendable {
    private let isRaised = Atomic(false)

    /// A flag not raised yet.
    package init() {}

    /// Whether this call was the first.
    package func raise() -> Bool { !isRaised.exchange(true, ordering: .relaxed) }
}
