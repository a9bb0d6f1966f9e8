/// Whose prefixes a request shares: those of requests with the same namespace, and nobody else's.
///
/// Keys and values of the same tokens may differ between namespaces, and whether somebody else's are in the cache can't be
/// told from how long a request takes.
public struct PrefixNamespace: Sendable, Hashable {
    /// What the client calls it; `nil` with all clients that name none.
    public var salt: String?
    /// The id of the adapter that computes them; `nil` for the model alone.
    ///
    /// Ids are never used again, so that an adapter which is loaded again, or replaced by another of its name, begins anew.
    public var adapter: UInt64?

    /// The namespace of a client's salt, or of an adapter.
    public init(salt: String?, adapter: UInt64? = nil) {
        self.salt = salt
        self.adapter = adapter
    }
}
