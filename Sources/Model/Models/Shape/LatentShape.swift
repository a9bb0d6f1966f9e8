/// The latent that keys and values of a layer are made from (multi-head latent attention, arXiv 2405.04434).
///
/// Only the latent and a part of the key that is rotated are cached. Each head's matrix from the latent to its key is applied
/// to its query instead ("absorbed"), and the one from the latent to its value to what attention gives.
package struct LatentShape: Sendable, Hashable {
    /// Width of what queries are made from; 0 where they are made from the residual.
    package var queryRank: Int
    /// Width of the latent.
    package var rank: Int
    /// Dimensions of a head's query and key that aren't rotated.
    package var plainWidth: Int
    /// Those that are, behind the others; all heads share their key.
    package var rotaryWidth: Int
    /// Width of a head's value.
    package var valueWidth: Int

    /// A latent of these sizes.
    package init(queryRank: Int, rank: Int, plainWidth: Int, rotaryWidth: Int, valueWidth: Int) {
        self.queryRank = queryRank
        self.rank = rank
        self.plainWidth = plainWidth
        self.rotaryWidth = rotaryWidth
        self.valueWidth = valueWidth
    }

    /// Width of a head's query.
    package var queryWidth: Int { plainWidth + rotaryWidth }
    /// Numbers that are cached of a token.
    package var cachedWidth: Int { rank + rotaryWidth }
}
