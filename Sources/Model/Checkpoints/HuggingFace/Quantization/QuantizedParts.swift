internal import Tensors

/// The tensors that make one quantized matrix, or one per expert; a class, since a stored tensor may be made of others.
final class QuantizedParts: TensorContent {
    let scheme: QuantizationScheme
    let weights: StoredTensor
    let scales: StoredTensor
    let zeros: StoredTensor?
    let groupIndex: StoredTensor?

    init(
        scheme: QuantizationScheme,
        weights: StoredTensor,
        scales: StoredTensor,
        zeros: StoredTensor?,
        groupIndex: StoredTensor?,
    ) {
        self.scheme = scheme
        self.weights = weights
        self.scales = scales
        self.zeros = zeros
        self.groupIndex = groupIndex
    }

    /// The format's name, for messages.
    var typeName: String {
        switch scheme {
        case .awq: "AWQ"
        case .gptq(let bits, _, _): "\(bits)-bit GPTQ"
        case .e4m3: "F8_E4M3"
        case .compressed(let bits, _): "\(bits)-bit integers"
        case .mxfp4: "MXFP4"
        }
    }

    /// Dimensions of the matrix, outermost first; `nil` if the stored tensor has another number of them.
    var shape: [Int]? {
        let stored = weights.shape
        func times(_ count: Int, _ factor: Int) -> Int? {
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        switch scheme {
        case .awq:
            guard stored.count == 2, let rows = times(stored[1], 8) else { return nil }
            return [rows, stored[0]]
        case .gptq(let bits, _, _):
            guard stored.count == 2, let columns = times(stored[0], 32 / bits) else { return nil }
            return [stored[1], columns]
        case .compressed(let bits, true):
            guard stored.count == 2, let columns = times(stored[1], 32 / bits) else { return nil }
            return [stored[0], columns]
        case .mxfp4:
            guard stored.count == 4, stored[3] == 16, let columns = times(stored[2], 32) else { return nil }
            return [stored[0], stored[1], columns]
        case .e4m3, .compressed: return stored.count == 2 ? stored : nil
        }
    }

    /// The matrix, or one of several.
    ///
    /// - Throws: `CheckpointError` if parts don't fit or can't be read.
    func matrix(entry: Int?) throws(CheckpointError) -> StoredMatrix {
        guard let shape, shape.count == (entry == nil ? 2 : 3) else {
            throw malformed(weights, "one matrix is needed")
        }
        let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
        let numbers = try part(weights, entry, of: shape)
        do {
            switch scheme {
            case .awq(let groupSize):
                guard let zeros else { throw malformed(weights, "it has no qzeros") }
                return try StoredMatrix(
                    awq: numbers,
                    zeros: try part(zeros),
                    scales: try part(scales),
                    rows: rows,
                    columns: columns,
                    groupSize: min(groupSize, columns)
                )
            case .gptq(let bits, let groupSize, let zerosLackOne):
                return try StoredMatrix(
                    gptq: numbers,
                    zeros: try zeros.map(part),
                    scales: try part(scales),
                    groupIndex: try groupIndex.map(part),
                    rows: rows,
                    columns: columns,
                    bits: bits,
                    groupSize: min(groupSize, columns),
                    zerosLackOne: zerosLackOne
                )
            case .e4m3:
                return try StoredMatrix(e4m3: numbers, scales: try grid(rows, columns), rows: rows, columns: columns)
            case .compressed(let bits, true):
                return try StoredMatrix(
                    packed: numbers,
                    zeros: try zeros.map(part),
                    scales: try grid(rows, columns),
                    groupIndex: try groupIndex.map(part),
                    rows: rows,
                    columns: columns,
                    bits: bits
                )
            case .compressed(_, false):
                guard zeros == nil else { throw malformed(weights, "zero points of whole bytes are not supported") }
                return try StoredMatrix(int8: numbers, scales: try grid(rows, columns), rows: rows, columns: columns)
            case .mxfp4:
                let exponents = try part(scales, entry, of: shape)
                return try StoredMatrix(mxfp4: numbers, scales: exponents, rows: rows, columns: columns)
            }
        } catch let error as CheckpointError {
            throw error
        } catch {
            throw malformed(weights, "\(error)")
        }
    }

    /// Scales whose blocks follow from their shape: one, one per row, or one per group of columns of a row.
    private func grid(_ rows: Int, _ columns: Int) throws(CheckpointError) -> StoredScales {
        let types: [String: StoredScales.NumberType] = ["F32": .f32, "F16": .f16, "BF16": .bf16]
        guard let type = types[scales.typeName] else { throw malformed(scales, "stored as \(scales.typeName)") }
        let numbers = try part(scales)
        if case .e4m3(let block?) = scheme {
            return StoredScales(numbers, type: type, rowsPerScale: block.rows, columnsPerScale: block.columns)
        }
        let count = scales.shape.reduce(1, *)
        guard count != 1 else { return StoredScales(numbers, type: type, rowsPerScale: .max) }
        let groups = scales.shape.count == 2 ? scales.shape[1] : 1
        guard scales.shape.first == rows, groups > 0, columns % groups == 0 else {
            throw malformed(scales, "weights are \(rows) x \(columns)")
        }
        return StoredScales(numbers, type: type, columnsPerScale: columns / groups)
    }

    private func part(_ tensor: StoredTensor) throws(CheckpointError) -> StoredPart { try part(tensor, nil, of: []) }

    /// The bytes of a tensor, or of one of its entries.
    private func part(_ tensor: StoredTensor, _ entry: Int?, of shape: [Int]) throws(CheckpointError) -> StoredPart {
        let all = tensor.byteCount ?? 0
        var range = tensor.offset..<tensor.offset + all
        if let entry {
            guard let count = tensor.shape.first, count == shape.first, entry >= 0, entry < count else {
                throw malformed(tensor, "it has no entry \(entry)")
            }
            let size = all / count
            range = tensor.offset + entry * size..<tensor.offset + (entry + 1) * size
        }
        guard let bytes = tensor.file.slice(range) else { throw malformed(tensor, "its data isn't there") }
        return StoredPart(bytes: bytes, owner: tensor.file, file: tensor.file, offset: range.lowerBound)
    }

    private func malformed(_ tensor: StoredTensor, _ reason: String) -> CheckpointError {
        let field = "tensor '\(tensor.name)'"
        return .malformed(file: tensor.file.path, field: field, value: "\(tensor.shape)", reason: reason)
    }
}
