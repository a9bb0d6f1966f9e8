/// Whose prefixes a request shares: those of requests with the same namespace, and nobody else's.
///
/// Keys and values of the same tokens may differ between namespaces, and whether somebody else's are in the cache can't be
/// told from how long a request takes.
public struct PrefixNamespace: Sendable, Hashable {
    /// What the client calls it.
    public var salt: String

    /// The namespace of a client's salt.
    public init(salt: String) {
        self.salt = salt
    }
}
