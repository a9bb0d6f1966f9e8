/// The Unicode categories that pre-tokenizers ask for, as a set, with white space apart.
package struct CharacterClass: OptionSet, Sendable {
    package let rawValue: UInt8
    package static let letter = CharacterClass(rawValue: 1)
    package static let number = CharacterClass(rawValue: 2)
    package static let whitespace = CharacterClass(rawValue: 4)
    package static let punctuation = CharacterClass(rawValue: 8)
    package static let symbol = CharacterClass(rawValue: 16)
    package static let mark = CharacterClass(rawValue: 32)

    static let letterOrNumber: CharacterClass = [.letter, .number]

    @inline(__always)
    package init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// The classes of all code points in blocks of 256, equal blocks stored once; made at first use.
///
/// The data is of Unicode 15.1, not the toolchain's: vocabularies were learned with such tables, and ids mustn't
/// change with the compiler.
package struct CharacterClassTable: Sendable {
    package static let shared = CharacterClassTable()

    private var blocks: [UInt8] = []
    private var classes: [CharacterClass] = []

    private init() {
        var known: [[UInt8]: UInt8] = [:]
        var next = 0
        var current: UInt8 = 0
        for first in stride(from: UInt32(0), to: 0x11_0000, by: 256) {
            var values = [UInt8](repeating: current, count: 256)
            while next < Self.ranges.count, Self.ranges[next] >> 8 < first + 256 {
                current = UInt8(truncatingIfNeeded: Self.ranges[next])
                for offset in Int((Self.ranges[next] >> 8) - first)..<256 { values[offset] = current }
                next += 1
            }
            if let index = known[values] {
                blocks.append(index)
                continue
            }
            // There are fewer than 256 different blocks.
            let index = UInt8(truncatingIfNeeded: known.count)
            known[values] = index
            blocks.append(index)
            classes.append(contentsOf: values.map(CharacterClass.init(rawValue:)))
        }
    }

    /// The class of a code point; empty beyond Unicode.
    @inline(__always)
    package subscript(scalar: UInt32) -> CharacterClass {
        if scalar >= 0x11_0000 { return [] }
        return classes[Int(blocks[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
    }
}
