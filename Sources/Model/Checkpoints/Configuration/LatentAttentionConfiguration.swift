/// Attention whose keys and values are made from a latent vector per token (DeepSeek-V2, arXiv 2405.04434).
public struct LatentAttentionConfiguration: Sendable, Hashable {
    /// Width of the queries' latent; 0 if queries are made directly.
    public var queryRank: Int
    /// Width of the latent of keys and values.
    public var keyValueRank: Int
    /// Width of the part of a head that isn't rotated ("qk_nope_head_dim").
    public var plainLength: Int
    /// Width of the part that is, shared by all heads of a key ("qk_rope_head_dim").
    public var rotaryLength: Int
    /// Width of a value head.
    public var valueLength: Int

    /// Latent attention with these sizes.
    public init(queryRank: Int, keyValueRank: Int, plainLength: Int, rotaryLength: Int, valueLength: Int) {
        self.queryRank = queryRank
        self.keyValueRank = keyValueRank
        self.plainLength = plainLength
        self.rotaryLength = rotaryLength
        self.valueLength = valueLength
    }
}
