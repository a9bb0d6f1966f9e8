/// Puts together the tensors that make one quantized matrix: `NAME.qweight`, `NAME.scales` and so on become `NAME.weight`.
struct QuantizedModules {
    let scheme: QuantizationScheme

    /// What a tensor is to its matrix.
    private enum Role: Hashable {
        case weights, scales, zeros, groupIndex, shape
    }

    /// What the ends of names say, where weights aren't floats.
    private var endings: [(ending: String, role: Role?)] {
        switch scheme {
        case .awq, .gptq:
            [(".qweight", .weights), (".scales", .scales), (".qzeros", .zeros), (".g_idx", .groupIndex)]
        case .mxfp4: [("_blocks", .weights), ("_scales", .scales)]
        case .e4m3, .compressed:
            [
                (".weight_packed", .weights), (".weight_scale_inv", .scales), (".weight_scale", .scales),
                (".weight_zero_point", .zeros), (".weight_g_idx", .groupIndex), (".weight_shape", .shape),
                // Of activations and of the KV cache, which are ours to choose.
                (".input_scale", nil), (".input_global_scale", nil), (".k_scale", nil), (".v_scale", nil),
                (".output_scale", nil), (".weight", .weights),
            ]
        }
    }

    /// The same tensors, with one in the place of those that belong together.
    ///
    /// - Throws: `CheckpointError` for a matrix that lacks a part or whose parts don't fit.
    func joined(_ tensors: [StoredTensor]) throws(CheckpointError) -> [StoredTensor] {
        var plain: [StoredTensor] = []
        var modules: [String: [Role: StoredTensor]] = [:]
        var names: [String] = []
        for tensor in tensors {
            guard let (ending, role) = endings.first(where: { tensor.name.hasSuffix($0.ending) }),
                ending != ".weight" || tensor.dataType == nil
            else {
                plain.append(tensor)
                continue
            }
            guard let role else { continue }
            let name = String(tensor.name.dropLast(ending.utf8.count))
            if modules[name] == nil { names.append(name) }
            modules[name, default: [:]][role] = tensor
        }
        for name in names {
            guard let parts = modules[name] else { continue }
            plain.append(try joined(name, parts))
        }
        return plain
    }

    private func joined(_ name: String, _ parts: [Role: StoredTensor]) throws(CheckpointError) -> StoredTensor {
        let any = parts.values.min { $0.name < $1.name }
        guard let weights = parts[.weights], let scales = parts[.scales] else {
            throw .missingTensor(
                file: any?.file.path ?? "",
                tensor: "\(name): \(parts[.weights] == nil ? "quantized weights" : "scales")"
            )
        }
        let quantized = QuantizedParts(
            scheme: scheme,
            weights: weights,
            scales: scales,
            zeros: parts[.zeros],
            groupIndex: parts[.groupIndex]
        )
        guard let shape = quantized.shape else {
            let field = "shape of tensor '\(weights.name)'"
            let reason = "it isn't that of quantized weights"
            throw .malformed(file: weights.file.path, field: field, value: "\(weights.shape)", reason: reason)
        }
        return StoredTensor(
            name: scheme == .mxfp4 ? name : name + ".weight",
            shape: shape,
            dataType: nil,
            typeName: quantized.typeName,
            byteCount: parts.values.reduce(0) { $0 + ($1.byteCount ?? 0) },
            file: weights.file,
            offset: weights.offset,
            content: quantized
        )
    }
}
