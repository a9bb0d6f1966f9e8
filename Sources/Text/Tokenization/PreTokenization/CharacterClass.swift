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
package struct CharacterClassTable: Sendable {
    /// As llama.cpp has them: of Unicode 15.1.
    package static let shared = CharacterClassTable(upTo: .recent)
    /// As the `tokenizers` library has them: of Unicode 16.0.
    static let latest = CharacterClassTable(upTo: .sixteenth)

    private var blocks: [UInt8] = []
    private var classes: [CharacterClass] = []

    private init(upTo era: GeneralCategory.Era) {
        let all = Self.all(upTo: era)
        var known: [[UInt8]: UInt8] = [:]
        for first in stride(from: 0, to: all.count, by: 256) {
            let values = Array(all[first..<first + 256])
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

    private static func all(upTo era: GeneralCategory.Era) -> [UInt8] {
        var all = [UInt8](repeating: 0, count: Int(CodePointRanges.limit))
        for (range, category) in GeneralCategory.runs {
            let value = CharacterClass(category).rawValue
            if value != 0 { for scalar in range { all[Int(scalar)] = value } }
        }
        for (range, found) in GeneralCategory.eras where found.rawValue > era.rawValue {
            for scalar in range { all[Int(scalar)] = 0 }
        }
        for range in ExpressionSets.whitespace.ranges {
            for scalar in range { all[Int(scalar)] |= CharacterClass.whitespace.rawValue }
        }
        return all
    }

    /// The class of a code point; empty beyond Unicode.
    @inline(__always)
    package subscript(scalar: UInt32) -> CharacterClass {
        if scalar >= 0x11_0000 { return [] }
        return classes[Int(blocks[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
    }
}

extension CharacterClass {
    fileprivate init(_ category: GeneralCategory) {
        self =
            category.isLetter
            ? .letter
            : category.isNumber
                ? .number
                : category.isPunctuation ? .punctuation : category.isSymbol ? .symbol : category.isMark ? .mark : []
    }
}
