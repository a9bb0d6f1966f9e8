internal import CPUKernels
internal import Tensors

/// One forward pass, run by all workers at once: every worker executes `run`, takes its share of each stage, and meets
/// the others at a barrier where a stage needs what others computed.
///
/// A batch of a single row is decoded without the barriers around norms and activations: each worker computes that row
/// itself, in its own memory, because that is faster than to wait for each other. And where there are many rows, each
/// worker keeps its own of them from stage to stage; only attention needs those of others.
struct ForwardPass: @unchecked Sendable {  // points into memory that the model holds for the length of the pass
    let shape: DecoderShape
    let weights: DecoderWeights
    let rotaries: [RotaryEmbedding]
    let storage: KVStorage
    let workspace: Workspace
    let plan: BatchPlan
    /// Partial results of split attention.
    let partials: UnsafeMutablePointer<Float>
    let kernels: LayerKernels

    /// Everything that one worker does before the logits.
    func run(_ worker: Worker) {
        let own = WorkerState(self, worker)
        embed(own)
        own.meet()
        var rowsBefore = 0
        for layer in shape.layers.indices {
            for tile in plan.tiles.indices {
                let all = plan.tiles[tile].rows
                let rows = layer == shape.layers.count - 1 ? plan.tiles[tile].logitRows : all
                // Rows that a worker kept to itself may now be another's.
                if own.isApart(rowsBefore), rowsBefore != all.count { own.worker.barrier() }
                attention(own, layer: layer, tile: tile)
                rowsBefore = rows.count
                // After the last layer's attention only the rows whose logits are wanted matter.
                guard !rows.isEmpty else { continue }
                project(own, layer: layer, tile: tile, rows: rows)
                feedForward(own, layer: layer, tile: tile, rows: rows)
            }
        }
    }

    /// Fills the residual stream with embeddings, and the rotary tables.
    private func embed(_ own: WorkerState) {
        let half = shape.rotaryDimension / 2
        for row in own.share(plan.tokens.count) {
            let stream = own.stream(row)
            weights.embedding.expand(Int(plan.tokens[row]), into: stream)
            if shape.embeddingScale != 1 {
                kernels.scale(stream, shape.embeddingScale, Int32(shape.hiddenSize), stream)
            }
        }
        // The tables are shared even when rows aren't; the first product's barrier publishes them.
        for row in own.evenShare(plan.tokens.count) {
            for (index, rotary) in rotaries.enumerated() {
                let cosines = angles(index, row)
                rotary.fill(position: Int(plan.positions[row]), cosines: cosines, sines: cosines + half)
            }
        }
    }

    /// From the stream to the outputs of the heads.
    private func attention(_ own: WorkerState, layer: Int, tile: Int) {
        let layerWeights = weights.layers[layer]
        let rows = plan.tiles[tile].rows
        let norm = { (index: Int, row: UnsafeMutablePointer<Float>) in
            let stream = own.stream(plan.tiles[tile].start + Int(rows[index]))
            kernels.rms_norm(
                stream,
                layerWeights.attentionNorm.base,
                shape.normEpsilon,
                Int32(shape.hiddenSize),
                row
            )
        }
        let products = queryKeyValue(layer)
        // Rounded activations move where a token looks, and later layers amplify that; these are the smallest matrices
        // of a layer, so nearly exact activations are cheapest here.
        if shape.needsNearlyExactQueries, products.allSatisfy({ $0.matrix.activationKind == .quantized }) {
            own.prepareTwice(rows.count, width: shape.hiddenSize, fill: norm)
            own.multiplyTwice(products, rows: rows.count, width: shape.hiddenSize, kernels: kernels)
        } else {
            own.prepare(rows.count, width: shape.hiddenSize, for: products, fill: norm)
            own.multiply(products, rows: rows.count)
        }
        let next = output(layer)
        own.meet(behindProductOf: rows.count, next: next)
        let stage = AttentionStage(pass: self, own: own, layer: layer, tile: tile)
        if !plan.tiles[tile].attention.writesOwnKeys { stage.rotateAndStore() }
        if own.isApart(rows.count) || !plan.tiles[tile].attention.writesOwnKeys { own.worker.barrier() }
        stage.attend()
        own.barrier(next: next)
    }

    /// From the outputs of the heads to the stream.
    private func project(_ own: WorkerState, layer: Int, tile: Int, rows: [Int32]) {
        let layerWeights = weights.layers[layer]
        let products = output(layer)
        own.prepare(rows.count, width: shape.queryWidth, for: products) { index, row in
            row.update(from: workspace.attended + Int(rows[index]) * shape.queryWidth, count: shape.queryWidth)
        }
        own.multiply(products, rows: rows.count)
        own.meet(behindProductOf: rows.count, next: gateAndUp(layer))
        addToStream(own, tile: tile, rows: rows, norm: layerWeights.postAttentionNorm)
    }

    /// The gated feed-forward part.
    private func feedForward(_ own: WorkerState, layer: Int, tile: Int, rows: [Int32]) {
        let layerWeights = weights.layers[layer]
        let width = shape.feedForwardSize
        let gated = gateAndUp(layer)
        own.prepare(rows.count, width: shape.hiddenSize, for: gated) { index, row in
            let stream = own.stream(plan.tiles[tile].start + Int(rows[index]))
            kernels.rms_norm(
                stream,
                layerWeights.feedForwardNorm.base,
                shape.normEpsilon,
                Int32(shape.hiddenSize),
                row
            )
        }
        own.multiply(gated, rows: rows.count)
        let down = down(layer)
        own.meet(behindProductOf: rows.count, next: down)
        let activation = shape.activation == .silu ? kernels.silu_multiply : kernels.gelu_multiply
        own.prepare(rows.count, width: width, for: down) { index, row in
            let gate = workspace.gateUp + index * workspace.gateUpStride
            activation?(gate, gate + width, Int32(width), row)
        }
        own.multiply(down, rows: rows.count)
        own.meet(
            behindProductOf: rows.count,
            next: layer + 1 < shape.layers.count
                ? queryKeyValue(layer + 1)
                : [MatrixProduct(weights.head, into: workspace.logits, stride: shape.vocabularySize)]
        )
        addToStream(own, tile: tile, rows: rows, norm: layerWeights.postFeedForwardNorm)
    }

    /// Adds `projected` to the stream, normed first where the family does so.
    private func addToStream(_ own: WorkerState, tile: Int, rows: [Int32], norm: FloatVector?) {
        let width = Int32(shape.hiddenSize)
        for index in own.share(rows.count) {
            var addend = UnsafePointer(workspace.projected + index * shape.hiddenSize)
            if let norm {
                kernels.rms_norm(addend, norm.base, shape.normEpsilon, width, own.row)
                addend = UnsafePointer(own.row)
            }
            kernels.add(addend, width, own.stream(plan.tiles[tile].start + Int(rows[index])))
        }
    }

    private func queryKeyValue(_ layer: Int) -> [MatrixProduct] {
        let layer = weights.layers[layer]
        let stride = shape.queryWidth + 2 * shape.kvWidth
        let (keys, values) = (workspace.qkv + shape.queryWidth, workspace.qkv + shape.queryWidth + shape.kvWidth)
        return [
            MatrixProduct(layer.query, into: workspace.qkv, stride: stride),
            MatrixProduct(layer.key, into: keys, stride: stride),
            MatrixProduct(layer.value, into: values, stride: stride),
        ]
    }

    private func output(_ layer: Int) -> [MatrixProduct] {
        [MatrixProduct(weights.layers[layer].output, into: workspace.projected, stride: shape.hiddenSize)]
    }

    private func gateAndUp(_ layer: Int) -> [MatrixProduct] {
        let (layer, ups) = (weights.layers[layer], workspace.gateUp + shape.feedForwardSize)
        return [
            MatrixProduct(layer.gate, into: workspace.gateUp, stride: workspace.gateUpStride),
            MatrixProduct(layer.up, into: ups, stride: workspace.gateUpStride),
        ]
    }

    private func down(_ layer: Int) -> [MatrixProduct] {
        [MatrixProduct(weights.layers[layer].down, into: workspace.projected, stride: shape.hiddenSize)]
    }

    /// Cosines of a row, followed by its sines.
    func angles(_ rotary: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        workspace.angles + (rotary * workspace.tokenCapacity + row) * shape.rotaryDimension
    }
}
