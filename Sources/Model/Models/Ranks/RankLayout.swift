/// How a model is dealt to ranks: the layers to stages, each layer's matrices to the ranks of its stage.
///
/// Ranks count stage by stage: those of one stage follow each other. Experts are dealt within a stage too: with
/// `expertParallel` parts, each rank of a stage has the experts of its part, and `expertTensorParallel` ranks have the same
/// experts and share each expert's matrices.
public struct RankLayout: Sendable, Hashable {
    /// Ranks that share each layer.
    public let tensorParallel: Int
    /// Stages that the layers are dealt to.
    public let pipelineParallel: Int
    /// How many layers each stage has; `nil` where they are dealt by what they cost.
    public let stageLayers: [Int]?
    /// Ranks that share each expert.
    public let expertTensorParallel: Int
    /// Parts that the experts are dealt to.
    public let expertParallel: Int

    /// All on one rank.
    public static let single = RankLayout()

    private init() {
        (tensorParallel, pipelineParallel, expertTensorParallel, expertParallel) = (1, 1, 1, 1)
        stageLayers = nil
    }

    /// A layout; what isn't said of experts follows from the rest: each expert is shared by as many ranks as there are for it.
    ///
    /// - Throws: `ModelError.badLayout` unless all numbers are positive, the two about experts make `tensorParallel`, and
    ///   `stageLayers` has one number for each stage.
    public init(
        tensorParallel: Int = 1,
        pipelineParallel: Int = 1,
        expertTensorParallel: Int? = nil,
        expertParallel: Int? = nil,
        stageLayers: [Int]? = nil,
    ) throws(ModelError) {
        let given = [
            ("tp_size", tensorParallel), ("pp_size", pipelineParallel),
            ("moe_tensor_parallel_size", expertTensorParallel ?? 1), ("moe_expert_parallel_size", expertParallel ?? 1),
        ]
        for (name, count) in given where count < 1 || count > 1 << 12 {
            throw .badLayout("\(name) is \(count): it must be 1 to \(1 << 12)")
        }
        let expertTensor = expertTensorParallel ?? tensorParallel / (expertParallel ?? 1)
        let expert = expertParallel ?? tensorParallel / expertTensor.clampedToOne
        guard expertTensor * expert == tensorParallel else {
            throw .badLayout(
                "moe_tensor_parallel_size (\(expertTensor)) times moe_expert_parallel_size (\(expert)) must be tp_size "
                    + "(\(tensorParallel))"
            )
        }
        if let stageLayers,
            stageLayers.count != pipelineParallel || stageLayers.contains(where: { $0 < 1 || $0 > 1 << 20 })
        {
            throw .badLayout(
                "pp_partition is \(stageLayers): it must be \(pipelineParallel) numbers of layers from 1 to \(1 << 20), one for "
                    + "each of pp_size stages"
            )
        }
        self.stageLayers = stageLayers
        self.tensorParallel = tensorParallel
        self.pipelineParallel = pipelineParallel
        self.expertTensorParallel = expertTensor
        self.expertParallel = expert
    }

    /// Number of ranks.
    public var size: Int { tensorParallel * pipelineParallel }

    /// Where a rank stands in the layout.
    ///
    /// Precondition: `rank` is in `0..<size`.
    public func place(of rank: Int) -> RankPlace {
        precondition(rank >= 0 && rank < size, "rank \(rank) of \(size)")
        let tensor = rank % tensorParallel
        return RankPlace(
            stage: rank / tensorParallel,
            tensor: tensor,
            expertTensor: tensor / expertParallel,
            expert: tensor % expertParallel
        )
    }
}

/// Where a rank stands in a layout.
public struct RankPlace: Sendable, Hashable {
    /// Its stage.
    public let stage: Int
    /// Which of the ranks of its stage it is.
    public let tensor: Int
    /// Which of the ranks that share the same experts it is.
    public let expertTensor: Int
    /// Which part of the experts it has.
    public let expert: Int
}

extension Int {
    fileprivate var clampedToOne: Int { Swift.max(1, self) }
}
