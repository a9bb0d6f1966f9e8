import Foundation
import Tensors

/// A GGUF file that a test makes.
struct MadeFile {
    struct Tensor {
        var name: String
        /// Outermost first.
        var shape: [Int]
        var type: DataType
        var bytes: [UInt8]
    }

    var fields: [(String, GGUFField)]
    var tensors: [Tensor]

    /// Writes the file and returns its path.
    func write(to folder: URL) throws -> String {
        var file = Data("GGUF".utf8)
        file.append(integer: UInt32(3))
        file.append(integer: UInt64(tensors.count))
        file.append(integer: UInt64(fields.count))
        for (key, field) in fields {
            file.append(text: key)
            file.append(field)
        }
        var offset = 0
        for tensor in tensors {
            file.append(text: tensor.name)
            file.append(integer: UInt32(tensor.shape.count))
            for dimension in tensor.shape.reversed() { file.append(integer: UInt64(dimension)) }
            file.append(integer: tensor.type.rawValue)
            file.append(integer: UInt64(offset))
            offset += (tensor.bytes.count + 31) / 32 * 32
        }
        file.append(Data(count: (32 - file.count % 32) % 32))
        for tensor in tensors {
            file.append(contentsOf: tensor.bytes)
            file.append(Data(count: (32 - tensor.bytes.count % 32) % 32))
        }
        let path = folder.appendingPathComponent("made.gguf")
        try file.write(to: path)
        return path.path
    }
}

/// A value of a file's metadata.
enum GGUFField {
    case number(Int)
    case real(Float)
    case text(String)
}

extension Data {
    fileprivate mutating func append(integer value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(text: String) {
        append(integer: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func append(_ field: GGUFField) {
        switch field {
        case .number(let value):
            append(integer: UInt32(4))
            append(integer: UInt32(value))
        case .real(let value):
            append(integer: UInt32(6))
            append(integer: value.bitPattern)
        case .text(let value):
            append(integer: UInt32(8))
            append(text: value)
        }
    }
}
