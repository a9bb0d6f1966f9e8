internal import CPUKernels
internal import Tensors

/// Makes the operations of one layer.
struct LayerBuilder {
    let index: Int
    let weights: LayerWeights
    let layer: LayerShape
    let shape: DecoderShape
    let memory: Workspace.Memory
    let arrays: RawArrays
    /// The ranks that share the layer; `nil` for none but this.
    let ranks: RankGroup?
    /// The layer before it was shared.
    let whole: LayerShape
    /// What each of the ranks has of it.
    let shares: [LayerPart]
    let calibration: Calibration?

    func program(cut: Int, cache: KVLayer, next: FusedProducts) -> LayerProgram {
        let isParallel = layer.residual == .parallel
        let secondOutput = isParallel ? memory.secondOutput : memory.output
        return LayerProgram(
            attentionNorm: norm(weights.attentionNorm),
            queryKeyValue: queryKeyValue,
            attention: AttentionOperation(
                shape: layer.attention,
                head: layer.attention.head,
                layer: index,
                cut: cut,
                cache: cache,
                sinks: weights.attention.sinks?.base,
                inputs: inputs,
                groupSize: layer.attention.taskHeadCount
            ),
            attended: gather { $0.heads.times(layer.attention.latent?.valueWidth ?? layer.attention.headDimension) },
            output: output(weights.attention.output, into: memory.output, adapted: .attentionOutput),
            attentionSum: sum(
                memory.output,
                gather(\.hidden),
                weights.attention.output.bias,
                weights.postAttentionNorm
            ),
            feedForwardNorm: norm(layer.sharesNorm ? weights.attentionNorm : weights.feedForwardNorm),
            feedForward: feedForward(into: secondOutput),
            feedForwardSum: sum(
                secondOutput,
                dealsExperts ? nil : gather(\.hidden),
                weights.feedForward.outputBias,
                weights.postFeedForwardNorm
            ),
            isParallel: isParallel,
            next: next
        )
    }

    /// Whether ranks have different experts, so that each adds up all outputs of some rows' choices itself.
    private var dealsExperts: Bool {
        guard let ranks, layer.feedForward.experts != nil else { return false }
        return ranks.layout.expertParallel > 1
    }

    /// What brings together numbers of rows of which each rank has some.
    private func gather(_ part: (LayerPart) -> Range<Int>) -> RankGather? {
        ranks.map { ranks in
            RankGather(
                ranks,
                parts: shares.map(part),
                own: ranks.place.tensor,
                memory: memory.gathered,
                arrays: arrays
            )
        }
    }

    private func norm(_ weights: NormWeights?) -> NormOperation? {
        weights.map { NormOperation($0, shape: shape, width: shape.hiddenSize) }
    }

    private func sum(
        _ source: UnsafeMutablePointer<Float>,
        _ gather: RankGather?,
        _ bias: FloatVector?,
        _ norm: NormWeights?,
    ) -> ResidualSum {
        ResidualSum(
            source: source,
            gather: gather,
            bias: bias?.base,
            norm: self.norm(norm),
            normsSum: layer.norms == .after,
            scale: layer.residualScale,
            width: shape.hiddenSize
        )
    }

    private func linear(
        _ parts: [(PackedMatrix, UnsafeMutablePointer<Float>)],
        stride: Int,
        nearlyExact: Bool = false,
        adapted: AdaptedOperation? = nil,
    ) -> LinearOperation {
        LinearOperation(
            arrays.add(parts.map { MatrixProduct($0.0, into: $0.1, stride: stride) }),
            width: parts.first?.0.columns ?? 0,
            nearlyExact: nearlyExact,
            site: adapted?.site(layer: index),
            squares: calibration?.squares(of: parts.map(\.0))
        )
    }

    /// The last product of attention or of a feed-forward part.
    private func output(
        _ weights: LinearWeights,
        into output: UnsafeMutablePointer<Float>,
        adapted: AdaptedOperation?,
    ) -> LinearOperation {
        linear([(weights.matrix, output)], stride: weights.matrix.rows, adapted: adapted)
    }

    // Rounded activations move where a token looks, and later layers amplify that; these are the smallest matrices of a
    // layer, so nearly exact activations are cheapest here.
    private func attentionInputs(_ parts: [(PackedMatrix, UnsafeMutablePointer<Float>)]) -> LinearOperation {
        linear(
            parts,
            stride: layer.attention.firstWidth,
            nearlyExact: shape.needsNearlyExactQueries,
            adapted: layer.attention.latent == nil ? .attentionInputs : nil
        )
    }

    private var queryKeyValue: LinearOperation {
        let first = memory.queryKeyValue
        switch weights.attention.inputs {
        case .grouped(let own):
            return attentionInputs([(own.query.matrix, first)] + (shape.isCausal ? keyValueParts(own) : []))
        case .latent(let own): return attentionInputs([(own.query, first), (own.latent, first + own.query.rows)])
        }
    }

    private func keyValueParts(_ own: GroupedWeights) -> [(PackedMatrix, UnsafeMutablePointer<Float>)] {
        let keys = memory.queryKeyValue + layer.attention.queryWidth
        return [(own.key.matrix, keys), (own.value.matrix, keys + layer.attention.kvWidth)]
    }

    private var inputs: AttentionOperation.Inputs {
        switch weights.attention.inputs {
        case .grouped(let own):
            .grouped(
                GroupedInputs(
                    own,
                    attention: layer.attention,
                    shape: shape,
                    keyValue: shape.isCausal ? nil : attentionInputs(keyValueParts(own)),
                    sharedNorm: sharedHeadNorm
                )
            )
        case .latent(let own): latentInputs(own)
        }
    }

    private var sharedHeadNorm: SharedHeadNorm? {
        guard let ranks, layer.attention.headNorms == .allHeads else { return nil }
        let dimension = layer.attention.headDimension
        return SharedHeadNorm(ranks, shares: shares, dimension: dimension, memory: memory.gathered, arrays: arrays)
    }

    private func latentInputs(_ own: LatentWeights) -> AttentionOperation.Inputs {
        guard let latent = layer.attention.latent, let memory = memory.latent else {
            preconditionFailure("latent attention without memory")
        }
        let (keys, values) = (own.keyHeads.map(\.tiles), own.valueHeads.map(\.tiles))
        return .latent(
            LatentInputs(
                shape: latent,
                queryNorm: own.queryNorm.map { NormOperation($0, shape: shape, width: latent.queryRank) },
                secondQuery: own.secondQuery.map { linear([($0, memory.queries)], stride: $0.rows) },
                latentNorm: NormOperation(own.latentNorm, shape: shape, width: latent.rank),
                keyHeads: arrays.add(keys),
                valueHeads: arrays.add(values),
                keyNeeds: ActivationNeeds(keys),
                valueNeeds: ActivationNeeds(values),
                memory: memory
            )
        )
    }

    private func feedForward(into output: UnsafeMutablePointer<Float>) -> FeedForwardProgram {
        switch weights.feedForward {
        case .dense(let own): .dense(dense(own, into: output, isAdapted: true))
        case .experts(let own): experts(own)
        }
    }

    private func dense(
        _ own: DenseWeights,
        into output: UnsafeMutablePointer<Float>,
        isAdapted: Bool = false,
    ) -> DenseOperation {
        let (width, stride) = (layer.feedForward.width, layer.feedForward.rowStride)
        let gates = own.gate.map { [($0.matrix, memory.gateUp)] } ?? []
        let ups = own.gate == nil ? memory.gateUp : memory.gateUp + width
        return DenseOperation(
            first: linear(
                gates + [(own.up.matrix, ups)],
                stride: stride,
                adapted: isAdapted ? .feedForwardInputs : nil
            ),
            down: self.output(own.down, into: output, adapted: isAdapted ? .feedForwardOutput : nil),
            exchange: gather(\.width).map { (memory.activated, $0) },
            width: width,
            stride: stride,
            isGated: own.gate != nil,
            activation: layer.feedForward.activation.kernel,
            gateBias: own.gate?.bias?.base,
            upBias: own.up.bias?.base,
            kernels: layerKernels
        )
    }

    /// Where several ranks have the same experts.
    private func expertSharing(_ memory: ExpertMemory) -> ExpertOperation.Sharing? {
        guard let ranks, ranks.layout.expertTensorParallel > 1, let whole = whole.feedForward.experts else {
            return nil
        }
        let sharing = shares.indices.filter { ranks.layout.place(of: $0).expert == ranks.place.expert }
        return ExpertOperation.Sharing(
            gather: RankGather(
                ranks,
                sharesExperts: true,
                parts: sharing.map { shares[$0].expertWidth },
                own: ranks.place.expertTensor,
                memory: memory.exchanged,
                arrays: arrays
            ),
            width: whole.width,
            memory: memory
        )
    }

    /// Where ranks have different experts.
    private func expertDealing(_ memory: ExpertMemory) -> ExpertOperation.Dealing? {
        guard dealsExperts, let ranks else { return nil }
        return ExpertOperation.Dealing(ranks, shares: shares, shared: gather(\.hidden), memory: memory, arrays: arrays)
    }

    private func experts(_ own: ExpertWeights) -> FeedForwardProgram {
        guard let experts = layer.feedForward.experts, let memory = memory.experts else {
            preconditionFailure("experts without memory")
        }
        let router = MatrixProduct(own.router, into: memory.logits, stride: own.router.rows)
        let (width, outputs) = (experts.width, own.downs.first?.rows ?? 0)
        return .experts(
            ExpertOperation(
                shape: experts,
                outputWidth: outputs,
                sharing: expertSharing(memory),
                dealing: expertDealing(memory),
                router: LinearOperation(arrays.add([router]), width: shape.hiddenSize),
                routerBias: own.routerBias?.base,
                selectionBias: own.selectionBias?.base,
                experts: arrays.add(
                    own.downs.indices.map { index in
                        ExpertOperation.Expert(
                            gate: own.gates[index].tiles,
                            up: own.ups[index].tiles,
                            down: own.downs[index].tiles,
                            gateBias: own.gateBiases.map { $0.base + index * width },
                            upBias: own.upBiases.map { $0.base + index * width },
                            downBias: own.downBiases.map { $0.base + index * outputs }
                        )
                    }
                ),
                firstNeeds: ActivationNeeds((own.gates + own.ups).map(\.tiles)),
                downNeeds: ActivationNeeds(own.downs.map(\.tiles)),
                activation: GatedActivation(
                    kernels: layerKernels,
                    activation: experts.activation.kernel,
                    limit: experts.gateLimit
                ),
                shared: own.shared.map { dense($0, into: memory.sharedOutput) },
                hasSharedGate: own.hasSharedGate,
                memory: memory
            )
        )
    }
}
