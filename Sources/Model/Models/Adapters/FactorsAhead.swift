internal import Tensors

/// First factors that come into the cache a part at a time, while something else is computed.
struct FirstFactorsAhead {
    private var factors: FirstFactors
    private let bytesAtOnce: Int
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Factors that are asked for in `steps` steps.
    init(_ factors: FirstFactors, steps: Int) {
        self.factors = factors
        var (bytes, all) = (0, factors)
        while let part = all.next() { bytes += part.memory.count }
        bytesAtOnce = (bytes / max(1, steps) + 64) / 64 * 64
    }

    /// Asks for the next part.
    mutating func ask() {
        var left = bytesAtOnce
        while left > 0 {
            if rest.isEmpty {
                guard let part = factors.next() else { return }
                rest = part.memory
            }
            let count = min(left, rest.count)
            prefetch(UnsafeRawBufferPointer(rebasing: rest[..<count]))
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            left -= count
        }
    }
}

/// Second factors of an operation that come into the cache some tiles before they are needed.
struct SecondFactorsAhead {
    private let factors: SecondFactors
    private let products: FusedProducts
    /// The worker's tiles, those of all products counted together.
    private let tiles: Range<Int>
    private var step = 0
    /// The tile to ask for next, its product, and that product's first tile.
    private var (next, product, first) = (0, 0, 0)

    /// Tiles that the worker computes.
    var tileCount: Int { tiles.count }

    init(_ factors: SecondFactors, of products: FusedProducts, _ worker: Worker) {
        self.factors = factors
        self.products = products
        tiles = worker.range(of: products.reduce(0) { $0 + $1.matrix.tileCount })
        next = tiles.lowerBound
    }

    /// Asks for the tile that lies `ahead` tiles behind the one that was asked at last, at the start for a few.
    mutating func ask(tiles ahead: Int) {
        step += 1
        let end = min(tiles.lowerBound + min(step + ahead, 3 * step), tiles.upperBound)
        while next < end {
            while next - first >= products[product].matrix.tileCount {
                first += products[product].matrix.tileCount
                product += 1
            }
            factors.prefetch(tile: next - first, product)
            next += 1
        }
    }
}
