internal import Tensors

/// Rows times matrices that share them.
struct LinearOperation {
    /// The matrices and where their products go.
    let products: FusedProducts
    /// Numbers of a row.
    let width: Int
    /// What the matrices want.
    let needs: ActivationNeeds
    /// Whether rows are multiplied twice: as quantized, and what quantization took from them.
    let isTwofold: Bool
    /// Whether all matrices multiply rows as they are, so that what adapters add has to be nearly exact, too.
    var isExact: Bool { !needs.quantizes && !needs.rounds }
    /// Where adapters have what they add, by `AdaptedOperation.site`; `nil` where they add nothing.
    let site: Int?
    /// Where rows are measured, while a model is calibrated.
    let squares: ColumnSquares?

    init(
        _ products: FusedProducts,
        width: Int,
        nearlyExact: Bool = false,
        site: Int? = nil,
        squares: ColumnSquares? = nil,
    ) {
        self.site = site
        self.products = products
        self.squares = squares
        self.width = width
        needs = ActivationNeeds(products.map(\.matrix))
        isTwofold = nearlyExact && needs.onlyQuantizes
    }
}
