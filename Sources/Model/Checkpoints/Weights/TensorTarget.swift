/// What a tensor of a file, or a part of it, is to the model.
struct TensorTarget: Sendable, Hashable {
    /// A dimension of a matrix.
    enum Axis: Sendable, Hashable {
        /// Output features, the outer dimension; also the only one of a vector.
        case rows
        /// Input features.
        case columns
    }

    /// The name that the model knows it by: llama.cpp's.
    var name: String
    /// Which entry of the model's tensor it is, where that has one dimension more: an expert, a head.
    var index: Int?
    /// Which entry of the outermost dimension it is, where the file's tensor has one dimension more than this.
    var entry: Int?
    /// Which of its rows or columns are taken; all of them if `nil`.
    var selection: Selection?
    /// Which dimension the selection is of.
    var axis = Axis.rows
    /// Whether rows and columns then change places.
    var isTransposed = false
    /// Added to every number: 1 for norms that are stored as what they differ from 1 by.
    var addend: Float = 0

    /// A tensor as it is.
    init(_ name: String, index: Int? = nil) {
        self.name = name
        self.index = index
    }
}
