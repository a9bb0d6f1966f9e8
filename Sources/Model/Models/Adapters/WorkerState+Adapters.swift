internal import Tensors

/// What adapters add to products.
///
/// What a row gets depends on its own numbers and adapter alone.
extension WorkerState {
    /// The adapters that add to products of a linear operation: all, or none if none does.
    func adapters(_ adapters: AdapterRuns, of linear: LinearOperation) -> AdapterRuns {
        guard let site = linear.site, adapterMemory != nil, adapters.contains(where: { !$0.sites[site].isEmpty }) else {
            return .none
        }
        return adapters
    }

    /// Keeps some rows for adapters, in bfloat16, before quantization changes them.
    func keep(_ block: Range<Int>, from first: UnsafePointer<Float>, of linear: LinearOperation) {
        guard let memory = adapterMemory else { return }
        let target = keptRows(memory, linear)
        for index in block {
            target.dropFirst(index).round(first + (index - block.lowerBound) * rowStride, count: linear.width)
        }
    }

    /// Where rows are kept: a batch's only row by every worker for itself.
    private func keptRows(_ memory: AdapterMemory, _ linear: LinearOperation) -> RoundedRows {
        isAlone
            ? memory.onlyRow(of: worker, isExact: linear.isExact) : memory.rows(from: 0, isExact: linear.isExact)
    }

    /// Multiplies rows that were kept with the first factors of adapters.
    private func reduce(_ adapters: AdapterRuns, of linear: LinearOperation, rows count: Int) {
        guard let memory = adapterMemory, let site = linear.site else { return }
        let source = keptRows(memory, linear)
        // The next operation's are looked up soon.
        for run in adapters {
            let next = UnsafeBufferPointer(rebasing: run.sites.dropFirst(site + 1).prefix(1))
            prefetch(UnsafeRawBufferPointer(next))
        }
        var factors = firstFactors(adapters, site: site, rows: count)
        while let part = factors.next() {
            part.factor.multiply(
                tiles: part.tiles,
                source: source.dropFirst(part.rows.lowerBound),
                rows: part.rows.count,
                scale: part.scale,
                to: memory.lowRank(row: part.rows.lowerBound, product: part.product, isExact: linear.isExact)
            )
        }
    }

    /// The first factors that this worker multiplies rows with.
    private func firstFactors(_ adapters: AdapterRuns, site: Int, rows count: Int) -> FirstFactors {
        mode(count) == .apart
            ? FirstFactors(adapters, site: site, rows: share(count), worker.solo)
            : FirstFactors(adapters, site: site, rows: 0..<count, worker)
    }

    /// Multiplies prepared rows like `Tensors.multiply` and adds what adapters add, behind a few tiles each time, while their
    /// products are in the cache.
    ///
    /// Workers share the first factors and need all their products for the second; the others' are there when a worker has
    /// multiplied its first tiles.
    ///
    /// Factors that are needed next, here and in the operation that follows, come into the cache meanwhile: arithmetic takes
    /// the time of the multiplication, and memory has little to do.
    func multiply(
        _ linear: LinearOperation,
        _ prepared: Multiplied,
        rows count: Int,
        outputRow: Int,
        _ adapters: AdapterRuns,
        of rowCount: Int,
    ) {
        guard let site = linear.site, let memory = adapterMemory else { return }
        let first = prepared.rows.lowerBound
        reduce(adapters, of: linear, rows: rowCount)
        var arrival: Worker.Arrival? = prepared.worker.arrive()
        func meet() {
            if let others = arrival { prepared.worker.wait(for: others) }
            arrival = nil
        }
        SecondFactors.with(adapters, of: linear, site: site, rows: prepared.rows, memory) { factors in
            var ahead = SecondFactorsAhead(factors, of: linear.products, prepared.worker)
            var next = FirstFactorsAhead(
                firstFactors(adapters, site: site + 1, rows: rowCount),
                steps: ahead.tileCount
            )
            Tensors.multiply(
                prepared.worker,
                linear.products,
                activations: prepared.activations,
                source: filledRow(first),
                sourceStride: rowStride,
                rows: count,
                outputRow: outputRow + first
            ) { index, tile, tiles, rows in
                ahead.ask(tiles: Self.tilesAtOnce)
                next.ask()
                let place = (tile - tiles.lowerBound) % Self.tilesAtOnce
                guard place == Self.tilesAtOnce - 1 || tile + 1 == tiles.upperBound else { return }
                meet()
                factors.add(
                    tiles: tile - place..<tile + 1,
                    rows: first + rows.lowerBound..<first + rows.upperBound,
                    to: linear.products[index],
                    index,
                    outputRow: outputRow
                )
            }
        }
        meet()
    }

    /// Tiles whose products second factors add to at once.
    private static var tilesAtOnce: Int { 8 }
}
