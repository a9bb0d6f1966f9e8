internal import Tensors

/// One matrix's low-rank addition: `up (down x) scale` is added to the product of the matrix and `x`.
struct AdapterProduct: BitwiseCopyable {
    /// `[rank, inputs]`.
    let down: LowRankFactor
    /// `[outputs, rank]`.
    let up: LowRankFactor
    let scale: Float
}

/// What an adapter adds to the products of one linear operation.
struct AdapterSite: BitwiseCopyable {
    /// Most matrices of an operation: queries, keys and values.
    static let mostProducts = 3

    private var first: AdapterProduct?
    private var second: AdapterProduct?
    private var third: AdapterProduct?

    /// Whether it adds nothing.
    var isEmpty: Bool { first == nil && second == nil && third == nil }

    /// What is added to a product of the operation, in the order of its matrices.
    subscript(index: Int) -> AdapterProduct? {
        get { index == 0 ? first : index == 1 ? second : index == 2 ? third : nil }
        set {
            switch index {
            case 0: first = newValue
            case 1: second = newValue
            default: third = newValue
            }
        }
    }
}

/// The operations of a layer that adapters add to.
enum AdaptedOperation: Int, CaseIterable {
    case attentionInputs, attentionOutput, feedForwardInputs, feedForwardOutput

    /// The operation's index among those of all layers.
    func site(layer: Int) -> Int { layer * Self.allCases.count + rawValue }
}

/// Rows of a chunk that follow each other and have the same adapter.
struct AdapterRun: BitwiseCopyable, @unchecked Sendable {  // what it points to is never written
    private let first: Int
    private let count: Int
    /// What the adapter adds, by `AdaptedOperation.site`.
    let sites: UnsafeBufferPointer<AdapterSite>

    init(rows: Range<Int>, sites: UnsafeBufferPointer<AdapterSite>) {
        first = rows.lowerBound
        count = rows.count
        self.sites = sites
    }

    var rows: Range<Int> { first..<first + count }
}

/// The rows of a chunk that have adapters, ascending.
typealias AdapterRuns = UnsafeBufferPointer<AdapterRun>

extension AdapterRuns {
    /// No row has one.
    static var none: AdapterRuns { AdapterRuns(start: nil, count: 0) }
}
