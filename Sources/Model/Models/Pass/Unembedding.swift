internal import CPUKernels
internal import Tensors

extension ForwardPass {
    /// Logits of some of the rows that want them.
    ///
    /// Nothing averages out the rounding of the last activations, and it shows in every probability. So where a narrow
    /// model's output matrix multiplies 8-bit activations, each row is multiplied twice: as quantized, and what
    /// quantization took from it. The weights pass through the cache once for both. The remainders' logits take the place
    /// of the next rows', or that behind the last.
    func unembed(_ own: WorkerState, _ wanted: Range<Int>) {
        guard let unembed else { preconditionFailure("logits of an encoder") }
        let most = unembed.isTwofold ? Workspace.twofoldRows : Workspace.chunkRows
        for start in stride(from: 0, to: wanted.count, by: most) {
            let count = min(most, wanted.count - start)
            own.multiply(unembed, rows: count, outputRow: start) { index, row in
                let residual = own.residual(Int(logitRows[wanted.lowerBound + start + index]))
                norm(residual, to: row)
            }
            if changesLogits { changeLogits(own, start..<start + count) }
            if start + count < wanted.count { own.worker.barrier() }
        }
    }

    /// Adds hidden states of some of the rows that want them to `sums`, `[hidden]`: each number to its sum, row after row.
    func addHiddenStates(_ own: WorkerState, _ wanted: Range<Int>, to sums: UnsafeMutablePointer<Float>) {
        let columns = own.worker.range(of: hiddenSize)
        let most = min(Workspace.chunkRows, memory.tokenCapacity)
        for start in stride(from: wanted.lowerBound, to: wanted.upperBound, by: most) {
            let count = min(most, wanted.upperBound - start)
            for index in own.evenShare(count) {
                norm(own.residual(Int(hiddenRows[start + index])), to: memory.output + index * hiddenSize)
            }
            own.worker.barrier()
            for index in 0..<count where !columns.isEmpty {
                let state = memory.output + index * hiddenSize + columns.lowerBound
                kernels.add(state, Int32(columns.count), sums + columns.lowerBound)
            }
            own.worker.barrier()
        }
    }

    /// A hidden state, as the last layer left it in the residual, behind the final norm.
    private func norm(_ residual: UnsafePointer<Float>, to row: UnsafeMutablePointer<Float>) {
        if let outputNorm {
            outputNorm.apply(kernels, residual, to: row)
        } else {
            row.update(from: residual, count: hiddenSize)
        }
    }

    /// Whether something is done to logits after the product.
    private var changesLogits: Bool { unembedBias != nil || logitScale != 1 || logitSoftcap != 0 }

    /// Bias, scale and cap of the logits in some rows.
    private func changeLogits(_ own: WorkerState, _ rows: Range<Int>) {
        own.worker.barrier()
        for row in own.evenShare(rows.count) {
            let logits = memory.logits + (rows.lowerBound + row) * logitStride
            let count = Int32(logitCount)
            if let unembedBias { kernels.add(unembedBias, count, logits) }
            if logitScale != 1 { kernels.scale(logits, logitScale, count, logits) }
            if logitSoftcap != 0 { kernels.softcap(logits, logitSoftcap, count, logits) }
        }
    }
}
