/// What the tensors of a Hugging Face checkpoint are to the model.
struct HuggingFaceTensorNames {
    let configuration: ModelConfiguration
    /// Rows of the learned positions that aren't positions.
    let firstPosition: Int

    /// What classes put before the names of their parts.
    private static let prefixes = [
        "model.language_model.", "language_model.model.", "language_model.", "model.", "transformer.", "gpt_neox.",
        "bert.", "roberta.",
    ]
    /// Parts of a checkpoint that don't belong to the text model.
    private static let foreign = [
        "vision_tower.", "vision_model.", "visual.", "multi_modal_projector.", "model.vision_tower.",
        "model.multi_modal_projector.", "pooler.", "cls.", "bert.pooler.", "roberta.pooler.",
    ]
    /// Buffers that some programs have saved.
    private static let buffers = [
        "rotary_emb.inv_freq", ".masked_bias", ".attn.bias", ".attention.bias", "embeddings.position_ids",
    ]
    /// Tensors outside of layers.
    private static let outer = [
        "embed_tokens": "token_embd", "word_embeddings": "token_embd", "wte": "token_embd", "embed_in": "token_embd",
        "embeddings.word_embeddings": "token_embd", "wpe": "position_embd",
        "embeddings.position_embeddings": "position_embd", "embeddings.token_type_embeddings": "token_types",
        "embeddings.LayerNorm": "token_embd_norm", "norm": "output_norm", "ln_f": "output_norm",
        "final_layer_norm": "output_norm", "lm_head": "output", "embed_out": "output",
    ]
    /// What layers are called.
    private static let layers = ["layers.", "h.", "encoder.layer."]

    /// What a tensor is: nothing if the model doesn't need it, several things if it is fused.
    ///
    /// A tensor that isn't known keeps its name, so that it is missed by nobody and shows as unused.
    func targets(of tensor: StoredTensor) -> [TensorTarget] {
        if Self.foreign.contains(where: tensor.name.hasPrefix) || Self.buffers.contains(where: tensor.name.hasSuffix) {
            return []
        }
        // What an encoder guesses masked words with.
        if !configuration.isCausal, tensor.name.hasPrefix("lm_head.") { return [] }
        var name = tensor.name[...]
        if let prefix = Self.prefixes.first(where: name.hasPrefix) { name = name.dropFirst(prefix.count) }
        for layers in Self.layers {
            guard let place = LayerName(name, prefix: layers) else { continue }
            // DeepSeek-V3 has further layers that predict tokens after the next one.
            guard let sizes = AttentionSizes(configuration, layer: place.layer) else { return [] }
            let layer = HuggingFaceLayerNames(
                configuration: configuration,
                layer: place.layer,
                sizes: sizes,
                hasOutputFirst: tensor.content != nil
            )
            return layer.targets(of: place.rest, shape: tensor.shape)?.map(finished) ?? [TensorTarget(tensor.name)]
        }
        guard let (module, suffix) = Self.split(name), let outer = Self.outer[String(module)] else {
            return [TensorTarget(tensor.name)]
        }
        if outer == "output" && configuration.hasTiedEmbeddings { return [] }
        var target = TensorTarget(outer + suffix)
        if outer == "position_embd", firstPosition > 0, let rows = tensor.shape.first, rows > firstPosition {
            target.selection = Selection(firstPosition..<rows)
        }
        return [finished(target)]
    }

    /// A name's module and its ".weight" or ".bias", which old norms call otherwise.
    static func split(_ name: Substring) -> (module: Substring, suffix: String)? {
        for (ending, suffix) in [
            (".weight", ".weight"), (".bias", ".bias"), (".gamma", ".weight"), (".beta", ".bias"),
        ] where name.hasSuffix(ending) {
            return (name.dropLast(ending.count), suffix)
        }
        return nil
    }

    /// Gemma's norms are stored as what they differ from 1 by.
    private func finished(_ target: TensorTarget) -> TensorTarget {
        guard [.gemma2, .gemma3].contains(configuration.architecture), target.name.hasSuffix("norm.weight") else {
            return target
        }
        var target = target
        target.addend = 1
        return target
    }
}
