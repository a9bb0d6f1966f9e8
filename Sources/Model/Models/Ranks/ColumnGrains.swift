internal import Checkpoints
internal import Tensors

/// Where the columns of a checkpoint's matrices can be cut: at the borders of what shares a scale.
struct ColumnGrains {
    private let tensors: TensorCatalog
    private let quantization: WeightQuantization

    /// Those of a checkpoint whose floats are quantized in some way.
    init(_ tensors: TensorCatalog, _ quantization: WeightQuantization) {
        self.tensors = tensors
        self.quantization = quantization
    }

    /// Columns of a matrix, or of each of several that make one tensor, that can't be separated.
    ///
    /// - Throws: `ModelError.checkpoint` if there is no such matrix, or it can't be read.
    func grain(_ name: String) throws(ModelError) -> Int {
        do {
            var tensors = tensors
            guard let shape = tensors.shape(of: name), shape.count >= 2 else {
                throw CheckpointError.missingTensor(file: tensors.file, tensor: name)
            }
            let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
            let matrix =
                shape.count == 2
                ? try tensors.matrix(name, rows: rows, columns: columns)
                : try tensors.matrix(name, index: 0, of: shape[0], rows: rows, columns: columns)
            let isRounded = matrix.format.canBeRounded && quantization.rounding(of: name, columns: columns) != nil
            return max(matrix.format.columnGrain, isRounded ? quantization.groupSize : 0)
        } catch let error as CheckpointError {
            throw .checkpoint(error)
        } catch {
            throw .unusableTensor(name: name, reason: "\(error)")
        }
    }
}
