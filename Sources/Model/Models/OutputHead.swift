internal import CPUKernels
internal import Tensors

extension ForwardPass {
    /// Logits of the rows that want them.
    ///
    /// Nothing averages out the rounding of the last activations, and it shows in every probability. So where the output
    /// matrix multiplies 8-bit activations, each row is multiplied twice: as quantized, and what quantization took from
    /// it. That costs little, because the weights pass through the cache once for both.
    func head(_ own: WorkerState) {
        let isTwofold = weights.head.usesQuantizedActivations
        let rows = plan.logitRows
        let most = isTwofold ? Workspace.twofoldRows : Workspace.tileRows
        for start in stride(from: 0, to: rows.count, by: most) {
            let count = min(most, rows.count - start)
            let norm = { (index: Int, row: UnsafeMutablePointer<Float>) in
                let stream = own.stream(Int(rows[start + index]))
                kernels.rms_norm(
                    stream,
                    weights.outputNorm.base,
                    shape.normEpsilon,
                    Int32(shape.hiddenSize),
                    row
                )
            }
            if isTwofold {
                own.prepareTwice(count, width: shape.hiddenSize, fill: norm)
            } else {
                own.prepare(count, width: shape.hiddenSize, fill: norm)
            }
            let logits = workspace.logits + start * shape.vocabularySize
            own.multiply(
                [MatrixProduct(weights.head, into: logits, stride: shape.vocabularySize)],
                rows: isTwofold ? 2 * count : count,
                width: shape.hiddenSize
            )
            if isTwofold { addRemainders(own, logits, rows: count) }
            if start + count < rows.count { own.worker.barrier() }
        }
    }

    /// Adds rows `rows..<2 * rows` of logits to the first ones, in the columns that this worker computed.
    ///
    /// The remainders' place is that of the next rows of logits, or behind the last.
    private func addRemainders(_ own: WorkerState, _ logits: UnsafeMutablePointer<Float>, rows: Int) {
        let tiles = own.evenShare(weights.head.tileCount)
        let first = tiles.lowerBound * Int(MATMUL_TILE)
        let width = min(tiles.upperBound * Int(MATMUL_TILE), shape.vocabularySize) - first
        guard width > 0 else { return }
        for row in 0..<rows {
            let target = logits + row * shape.vocabularySize + first
            kernels.add(target + rows * shape.vocabularySize, Int32(width), target)
        }
    }
}
