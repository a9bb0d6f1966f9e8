internal import Tensors

/// What adapters add to products.
extension WorkerState {
    /// Adds what adapters add to products of `count` rows, behind `multiply` of the rows.
    ///
    /// What a row gets depends on its own numbers and adapter alone. Where rows are shared, all workers meet between the two
    /// factors; the caller lets them meet behind the second as behind the product.
    func add(_ adapters: AdapterRuns, to linear: LinearOperation, rows count: Int) {
        guard let site = linear.site, let memory = adapterMemory,
            adapters.contains(where: { !$0.sites[site].isEmpty })
        else { return }
        let source = linear.isTwofold ? keptRows(memory) : filledRow(0)
        let isApart = mode(count) == .apart
        let own = isApart ? share(count) : 0..<count
        let products = linear.products
        forEachProduct(adapters, site, own, isApart ? worker.solo : worker, products.count) {
            run,
            index,
            adapter,
            tiles in
            adapter.down.multiply(
                tiles: tiles,
                source: source + run.lowerBound * rowStride,
                sourceStride: rowStride,
                rows: run.count,
                to: memory.lowRank(row: run.lowerBound, product: index),
                outputStride: memory.rowStride,
                scale: adapter.scale
            )
        }
        if !isApart { worker.barrier() }
        // Whoever computed the products of some features adds to them.
        (isApart ? worker.solo : worker).forEachComputed(of: products) { index, product, features in
            let tiles =
                features.lowerBound / LowRankFactor.tileRows..<LowRankFactor.tileCount(rows: features.upperBound)
            for run in adapters {
                let rows = run.rows.clamped(to: own)
                guard !rows.isEmpty, let adapter = run.sites[site][index] else { continue }
                adapter.up.multiply(
                    tiles: tiles,
                    source: memory.lowRank(row: rows.lowerBound, product: index),
                    sourceStride: memory.rowStride,
                    rows: rows.count,
                    to: product.output + rows.lowerBound * product.outputStride,
                    outputStride: product.outputStride,
                    adds: true
                )
            }
        }
    }

    /// Deals the first factors' tiles to workers by their cost.
    private func forEachProduct(
        _ adapters: AdapterRuns,
        _ site: Int,
        _ own: Range<Int>,
        _ worker: Worker,
        _ count: Int,
        _ body: (_ rows: Range<Int>, _ index: Int, _ adapter: AdapterProduct, _ tiles: Range<Int>) -> Void,
    ) {
        func forEach(_ body: (_ rows: Range<Int>, _ index: Int, _ adapter: AdapterProduct, _ cost: Int) -> Void) {
            for run in adapters {
                let rows = run.rows.clamped(to: own)
                guard !rows.isEmpty else { continue }
                for index in 0..<count {
                    guard let adapter = run.sites[site][index] else { continue }
                    body(rows, index, adapter, GroupedProduct.tileCost(rows: rows.count))
                }
            }
        }
        var total = 0
        forEach { _, _, adapter, cost in total += cost * adapter.down.tileCount }
        var shares = TileShares(worker, totalCost: total)
        forEach { rows, index, adapter, cost in
            let tiles = shares.next(count: adapter.down.tileCount, cost: cost)
            if !tiles.isEmpty { body(rows, index, adapter, tiles) }
        }
    }

    /// Where rows are kept that quantization changes: a batch's only row by every worker for itself.
    private func keptRows(_ memory: AdapterMemory) -> UnsafePointer<Float> {
        UnsafePointer(isAlone ? secondRow : memory.rows)
    }

    /// Keeps some rows as they are, before quantization changes them.
    func keep(_ block: Range<Int>, from first: UnsafePointer<Float>, width: Int) {
        guard let memory = adapterMemory else { return }
        let target = isAlone ? secondRow : memory.rows
        for index in block {
            (target + index * rowStride).update(from: first + (index - block.lowerBound) * rowStride, count: width)
        }
    }
}
