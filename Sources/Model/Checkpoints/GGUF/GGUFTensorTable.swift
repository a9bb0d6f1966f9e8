internal import Tensors

/// Reads the table of tensors and checks that their data is inside the file and nobody else's.
enum GGUFTensorTable {
    /// Longest name the format allows, in bytes.
    private static let longestName = 64
    /// Most dimensions the format allows.
    private static let mostDimensions = 4

    /// An entry whose offset still counts from the start of the data.
    private struct Entry {
        var name: String
        var shape: [Int]
        var typeID: UInt32
        var offset: UInt64
        var byteCount: Int?
    }

    /// Takes `count` entries from the reader's place.
    static func read(
        count: Int,
        metadata: GGUFMetadata,
        reader: inout CheckedReader,
    ) throws(CheckpointError) -> [GGUFTensor] {
        let alignment = try alignment(metadata)
        var entries: [Entry] = []
        var names: Set<String> = []
        for index in 0..<count {
            let entry = try entry(index, reader: &reader)
            guard names.insert(entry.name).inserted else {
                let value = "'\(entry.name)'"
                throw .malformed(file: metadata.file, field: "tensor name", value: value, reason: "it is there twice")
            }
            entries.append(entry)
        }
        let start = (reader.offset + alignment - 1) / alignment * alignment
        var tensors: [GGUFTensor] = []
        tensors.reserveCapacity(entries.count)
        for entry in entries {
            tensors.append(try place(entry, dataStart: start, alignment: alignment, file: reader.file))
        }
        try rejectOverlaps(tensors, file: metadata.file)
        return tensors
    }

    /// What offsets of data are multiples of: a power of two, by the format at least 8.
    private static func alignment(_ metadata: GGUFMetadata) throws(CheckpointError) -> Int {
        let key = "general.alignment"
        let alignment = try metadata.integer(key, in: 8...1 << 20) ?? 32
        guard alignment & (alignment - 1) == 0 else {
            throw .outOfRange(file: metadata.file, key: key, value: "\(alignment)", limit: "a power of two")
        }
        return alignment
    }

    private static func entry(_ index: Int, reader: inout CheckedReader) throws(CheckpointError) -> Entry {
        let file = reader.file.path
        let name = try reader.text("name of tensor \(index)", limit: longestName)
        let dimensions = try reader.integer(UInt32.self, "dimension count of tensor '\(name)'")
        guard dimensions <= mostDimensions else {
            let field = "dimension count of tensor '\(name)'"
            throw .tooLarge(file: file, field: field, value: UInt64(dimensions), limit: UInt64(mostDimensions))
        }
        var shape: [Int] = []
        var elements = 1
        for dimension in 0..<dimensions {
            let field = "dimension \(dimension) of tensor '\(name)'"
            let value = try reader.integer(UInt64.self, field)
            guard let length = Int(exactly: value), length > 0 else {
                throw .malformed(file: file, field: field, value: "\(value)", reason: "must be from 1 to \(Int.max)")
            }
            let (product, overflow) = elements.multipliedReportingOverflow(by: length)
            guard !overflow else { throw .tooLarge(file: file, field: field, value: value, limit: UInt64(Int.max)) }
            elements = product
            shape.insert(length, at: 0)
        }
        let typeID = try reader.integer(UInt32.self, "type of tensor '\(name)'")
        let offset = try reader.integer(UInt64.self, "offset of tensor '\(name)'")
        return Entry(
            name: name,
            shape: shape,
            typeID: typeID,
            offset: offset,
            byteCount: try byteCount(name: name, shape: shape, elements: elements, typeID: typeID, file: file)
        )
    }

    private static func byteCount(
        name: String,
        shape: [Int],
        elements: Int,
        typeID: UInt32,
        file: String,
    ) throws(CheckpointError) -> Int? {
        guard let type = DataType(rawValue: typeID) else { return nil }
        let columns = shape.last ?? 1
        guard columns % type.blockSize == 0 else {
            throw .malformed(
                file: file,
                field: "row length of tensor '\(name)'",
                value: "\(columns)",
                reason: "\(type.name) needs a multiple of \(type.blockSize)"
            )
        }
        guard let bytes = type.byteCount(elements: elements) else {
            let field = "element count of tensor '\(name)'"
            throw .tooLarge(file: file, field: field, value: UInt64(elements), limit: UInt64(Int.max))
        }
        return bytes
    }

    /// Turns an offset into one from the start of the file, if all the data is inside the file.
    private static func place(
        _ entry: Entry,
        dataStart: Int,
        alignment: Int,
        file: MappedFile,
    ) throws(CheckpointError) -> GGUFTensor {
        let field = "offset of tensor '\(entry.name)'"
        guard entry.offset % UInt64(alignment) == 0 else {
            let reason = "not a multiple of general.alignment, \(alignment)"
            throw .malformed(file: file.path, field: field, value: "\(entry.offset)", reason: reason)
        }
        let has = max(0, file.count - dataStart)
        let (needs, overflow) = entry.offset.addingReportingOverflow(UInt64(entry.byteCount ?? 0))
        guard !overflow, needs <= has, let offset = Int(exactly: entry.offset) else {
            let field = "data up to the end of tensor '\(entry.name)'"
            throw .truncated(file: file.path, field: field, needs: Int(clamping: overflow ? .max : needs), has: has)
        }
        return GGUFTensor(
            name: entry.name,
            shape: entry.shape,
            typeID: entry.typeID,
            offset: dataStart + offset,
            byteCount: entry.byteCount
        )
    }

    private static func rejectOverlaps(_ tensors: [GGUFTensor], file: String) throws(CheckpointError) {
        let ordered = tensors.sorted { ($0.offset, $0.byteCount ?? 0) < ($1.offset, $1.byteCount ?? 0) }
        for (first, second) in zip(ordered, ordered.dropFirst()) {
            guard first.offset + (first.byteCount ?? 0) <= second.offset else {
                let reason = "its data overlaps that of tensor '\(first.name)'"
                let field = "offset of tensor '\(second.name)'"
                throw .malformed(file: file, field: field, value: "byte \(second.offset)", reason: reason)
            }
        }
    }
}
