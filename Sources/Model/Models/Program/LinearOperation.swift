internal import Tensors

/// Rows times matrices that share them.
struct LinearOperation {
    /// The matrices and where their products go.
    let products: FusedProducts
    /// Numbers of a row.
    let width: Int
    /// Whether rows are multiplied twice: as quantized, and what quantization took from them.
    let isTwofold: Bool
    /// Whether some matrix wants quantized rows.
    let quantizes: Bool
    /// Whether some matrix wants rows rounded to bfloat16.
    let rounds: Bool

    init(_ products: FusedProducts, width: Int, nearlyExact: Bool = false) {
        self.products = products
        self.width = width
        quantizes = products.contains { $0.matrix.activationKind == .quantized }
        rounds = products.contains { $0.matrix.activationKind == .rounded }
        isTwofold = nearlyExact && products.allSatisfy { $0.matrix.activationKind == .quantized }
    }
}
