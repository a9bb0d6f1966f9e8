/// The names that a weight goes by: of its tensor here, and of its module in Hugging Face checkpoints.
enum ModuleNames {
    private static let modules = [
        "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
        "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
        "ffn_down": "mlp.down_proj", "ffn_gate_inp": "mlp.gate", "ffn_gate_exps": "mlp.experts.gate_proj",
        "ffn_up_exps": "mlp.experts.up_proj", "ffn_down_exps": "mlp.experts.down_proj",
    ]

    /// Every name of a tensor `blk.0.attn_q.weight`: `blk.0.attn_q`, `model.layers.0.self_attn.q_proj`.
    ///
    /// An embedding that is packed is also the output matrix.
    static func all(ofTensor tensor: String) -> [String] {
        let name = tensor.hasSuffix(".weight") ? String(tensor.dropLast(".weight".count)) : tensor
        switch name {
        case "output": return [name, "lm_head"]
        case "token_embd": return [name, "output", "lm_head", "model.embed_tokens"]
        default: break
        }
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "blk", let module = modules[String(parts[2])] else { return [name] }
        return [name, "model.layers.\(parts[1]).\(module)"]
    }
}
