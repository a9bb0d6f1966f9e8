internal import Tensors

/// What rows have to become before some matrices can be multiplied with them.
struct ActivationNeeds {
    /// Whether some matrix wants quantized rows.
    let quantizes: Bool
    /// Whether some matrix wants rows rounded to bfloat16.
    let rounds: Bool
    /// Whether all matrices want quantized rows.
    let onlyQuantizes: Bool

    init(_ matrices: some Collection<PackedTiles>) {
        quantizes = matrices.contains { $0.activationKind == .quantized }
        rounds = matrices.contains { $0.activationKind == .rounded }
        onlyQuantizes = matrices.allSatisfy { $0.activationKind == .quantized }
    }

    /// Makes rows `places` of `count` from rows that lie `stride` floats apart.
    func prepare(
        _ target: Activations,
        places: Range<Int>,
        of count: Int,
        from first: UnsafePointer<Float>,
        stride: Int,
        columns: Int,
    ) {
        if quantizes { target.quantize(rows: places, of: count, from: first, stride: stride, columns: columns) }
        guard rounds else { return }
        for place in places {
            target.round(row: place, from: first + (place - places.lowerBound) * stride, columns: columns)
        }
    }
}
