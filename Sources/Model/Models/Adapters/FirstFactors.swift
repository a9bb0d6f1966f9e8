internal import Tensors

/// The first factors of all adapters that add to an operation, of which a worker gets its share: tiles are dealt by their cost.
struct FirstFactors {
    /// Tiles of a factor and the rows that they are multiplied with.
    struct Part {
        let factor: LowRankFactor
        let tiles: Range<Int>
        let rows: Range<Int>
        /// Which of the operation's products it is for.
        let product: Int
        let scale: Float

        /// Where its numbers are.
        var memory: UnsafeRawBufferPointer { factor.memory(ofTiles: tiles) }
    }

    private let adapters: AdapterRuns
    private let site: Int
    private let rows: Range<Int>
    private var shares: TileShares
    /// What comes next.
    private var (run, product) = (0, 0)

    init(_ all: AdapterRuns, site: Int, rows: Range<Int>, _ worker: Worker) {
        // There is no site behind the last.
        adapters = all.allSatisfy { $0.sites.indices.contains(site) } ? all : .none
        self.site = site
        self.rows = rows
        var cost = 0
        for run in adapters {
            let own = run.rows.clamped(to: rows)
            guard !own.isEmpty else { continue }
            for product in 0..<AdapterSite.mostProducts {
                guard let adapter = run.sites[site][product] else { continue }
                cost += GroupedProduct.tileCost(rows: own.count) * adapter.down.tileCount
            }
        }
        shares = TileShares(worker, totalCost: cost)
    }

    /// The next part of the worker's share; `nil` behind the last.
    mutating func next() -> Part? {
        while run < adapters.count {
            let (own, product) = (adapters[run].rows.clamped(to: rows), product)
            guard !own.isEmpty, product < AdapterSite.mostProducts else {
                (run, self.product) = (run + 1, 0)
                continue
            }
            self.product += 1
            guard let adapter = adapters[run].sites[site][product] else { continue }
            let cost = GroupedProduct.tileCost(rows: own.count)
            let tiles = shares.next(count: adapter.down.tileCount, cost: cost)
            guard !tiles.isEmpty else { continue }
            return Part(factor: adapter.down, tiles: tiles, rows: own, product: product, scale: adapter.scale)
        }
        return nil
    }
}
