package import Tensors

/// Stored weights of a type with random numbers of ordinary sizes: what kernels see in models, without a model.
package final class RandomWeights: @unchecked Sendable {  // never written after it is made
    private let memory: AlignedMemory

    private init(_ memory: AlignedMemory) { self.memory = memory }

    /// A matrix of `rows` x `columns`; the same numbers on every run.
    ///
    /// - Throws: `TensorError` when the columns aren't whole blocks, or memory is short.
    package static func source(_ type: DataType, rows: Int, columns: Int) throws(TensorError) -> StoredMatrix {
        guard let count = type.byteCount(elements: columns).map({ $0 * rows }) else {
            let reason = "columns must be a multiple of \(type.blockSize)"
            throw .badShape(rows: rows, columns: columns, format: .blocks(type), reason: reason)
        }
        let weights = RandomWeights(try AlignedMemory(byteCount: count))
        let bytes = UnsafeMutableRawBufferPointer(rebasing: weights.memory.bytes[..<count])
        var generator = SeededGenerator(seed: UInt64(type.rawValue))
        if type.blockSize == 1 {
            fillFloats(bytes, type, &generator)
        } else {
            fillBlocks(bytes, type, &generator)
        }
        return try StoredMatrix(
            dataType: type,
            rows: rows,
            columns: columns,
            bytes: UnsafeRawBufferPointer(bytes),
            owner: weights
        )
    }

    /// Numbers between -1 and 1.
    private static func fillFloats(
        _ bytes: UnsafeMutableRawBufferPointer,
        _ type: DataType,
        _ generator: inout SeededGenerator,
    ) {
        let size = type.bytesPerBlock
        for offset in stride(from: 0, to: bytes.count, by: size) {
            let value = Float.random(in: -1...1, using: &generator)
            switch type {
            case .f32: bytes.storeBytes(of: value, toByteOffset: offset, as: Float.self)
            case .f16: bytes.storeBytes(of: Float16(value), toByteOffset: offset, as: Float16.self)
            default: bytes.storeBytes(of: UInt16(value.bitPattern >> 16), toByteOffset: offset, as: UInt16.self)
            }
        }
    }

    /// Random integers; the scales in half precision, which at random would be anything up to infinity, about 1/100.
    private static func fillBlocks(
        _ bytes: UnsafeMutableRawBufferPointer,
        _ type: DataType,
        _ generator: inout SeededGenerator,
    ) {
        for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
        for block in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
            // Its scale is a power of two by its exponent, counted from 2^-127.
            if type == .mxfp4 { bytes[block] = 120 }
            for offset in type.scaleOffsets {
                let scale = Float16(Float.random(in: 0.008...0.012, using: &generator))
                bytes.storeBytes(of: scale, toByteOffset: block + offset, as: Float16.self)
            }
        }
    }
}

extension DataType {
    /// Where in a block the numbers in half precision are.
    fileprivate var scaleOffsets: [Int] {
        switch self {
        case .f32, .f16, .bf16: []
        case .q4_0, .q5_0, .q8_0, .iq4_nl, .iq4_xs: [0]
        case .q4_1, .q5_1, .q4_k, .q5_k: [0, 2]
        case .q2_k: [80, 82]
        case .q3_k: [108]
        case .q6_k: [208]
        case .mxfp4: []
        }
    }
}
