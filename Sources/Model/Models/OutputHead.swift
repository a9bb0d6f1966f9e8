internal import CPUKernels
internal import Tensors

extension ForwardPass {
    /// Logits of some of the rows that want them.
    ///
    /// Nothing averages out the rounding of the last activations, and it shows in every probability. So where a narrow
    /// model's output matrix multiplies 8-bit activations, each row is multiplied twice: as quantized, and what
    /// quantization took from it. The weights pass through the cache once for both. The remainders' logits take the place
    /// of the next rows', or that behind the last.
    func head(_ own: WorkerState, _ wanted: Range<Int>) {
        let isTwofold = shape.needsNearlyExactHead && weights.head.tiles.activationKind == .quantized
        let rows = plan.logitRows[wanted]
        let most = isTwofold ? Workspace.twofoldRows : Workspace.tileRows
        for start in stride(from: 0, to: rows.count, by: most) {
            let count = min(most, rows.count - start)
            let norm = { (index: Int, row: UnsafeMutablePointer<Float>) in
                let stream = own.stream(Int(rows[wanted.lowerBound + start + index]))
                kernels.rms_norm(
                    stream,
                    weights.outputNorm.base,
                    shape.normEpsilon,
                    Int32(shape.hiddenSize),
                    row
                )
            }
            let product = MatrixProduct(
                weights.head,
                into: workspace.logits + start * shape.vocabularySize,
                stride: shape.vocabularySize
            )
            if isTwofold {
                own.prepareTwice(count, width: shape.hiddenSize, fill: norm)
                own.multiplyTwice([product], rows: count, width: shape.hiddenSize, kernels: kernels)
            } else {
                own.prepare(count, width: shape.hiddenSize, for: [product], fill: norm)
                own.multiply([product], rows: count)
            }
            if start + count < rows.count { own.worker.barrier() }
        }
    }
}
