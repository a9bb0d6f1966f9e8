internal import Tensors

/// The second factors of the adapters that add to an operation's products of some rows.
struct SecondFactors {
    /// A factor and the rows of a chunk that it is for.
    private struct Part: BitwiseCopyable {
        var factor: LowRankFactor
        var first: Int
        var end: Int
        /// The rows' products with the first factor.
        var lowRank: RoundedRows
    }

    /// `[products][capacity]`, of which `counts` are used.
    private let parts: UnsafeMutableBufferPointer<Part>
    private let capacity: Int
    private var counts: SIMD4<Int> = .zero

    /// Looks factors up once for all tiles of an operation.
    static func with(
        _ adapters: AdapterRuns,
        of linear: LinearOperation,
        site: Int,
        rows: Range<Int>,
        _ memory: AdapterMemory,
        _ body: (SecondFactors) -> Void,
    ) {
        let capacity = adapters.count
        withUnsafeTemporaryAllocation(of: Part.self, capacity: AdapterSite.mostProducts * capacity) { parts in
            var factors = SecondFactors(parts: parts, capacity: capacity)
            for run in adapters {
                let own = run.rows.clamped(to: rows)
                guard !own.isEmpty else { continue }
                for product in 0..<AdapterSite.mostProducts {
                    guard let adapter = run.sites[site][product] else { continue }
                    let lowRank = memory.lowRank(row: own.lowerBound, product: product, isExact: linear.isExact)
                    let place = product * capacity + factors.counts[product]
                    parts.initializeElement(
                        at: place,
                        to: Part(factor: adapter.up, first: own.lowerBound, end: own.upperBound, lowRank: lowRank)
                    )
                    factors.counts[product] += 1
                }
            }
            body(factors)
        }
    }

    private init(parts: UnsafeMutableBufferPointer<Part>, capacity: Int) {
        self.parts = parts
        self.capacity = capacity
    }

    /// Adds products of some rows to those of some tiles of matrix `index`.
    func add(tiles: Range<Int>, rows: Range<Int>, to product: MatrixProduct, _ index: Int, outputRow: Int) {
        for place in index * capacity..<index * capacity + counts[index] {
            let part = parts[place]
            let (first, end) = (max(part.first, rows.lowerBound), min(part.end, rows.upperBound))
            guard first < end else { continue }
            part.factor.multiply(
                tiles: tiles,
                source: part.lowRank.dropFirst(first - part.first),
                rows: end - first,
                addingTo: product.output + (outputRow + first) * product.outputStride,
                outputStride: product.outputStride
            )
        }
    }

    /// Asks for a tile of all factors for matrix `index`.
    func prefetch(tile: Int, _ index: Int) {
        for place in index * capacity..<index * capacity + counts[index] { parts[place].factor.prefetch(tile: tile) }
    }
}
