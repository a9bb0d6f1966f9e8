/// SplitMix64, so that failures come back.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

extension SplitMix {
    /// Bytes with a few places changed, taken out, put in or swapped for what such files hold elsewhere.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        let words = [
            "0", "-1", "1e999", "9223372036854775807", "null", "[]", "{}", "\"\"", "true", "4294967296", "1.5",
        ]
        var damaged = bytes
        for _ in 0...next() % 3 {
            guard !damaged.isEmpty else { break }
            let place = Int(next() % UInt64(damaged.count))
            switch next() % 8 {
            case 0: damaged[place] = UInt8(truncatingIfNeeded: next())
            case 1: damaged.remove(at: place)
            case 2: damaged.replaceSubrange(place..<place, with: repeatElement(0x39, count: Int(next() % 30)))
            case 3: damaged.removeSubrange(place..<min(damaged.count, place + Int(next() % 40)))
            case 4: damaged.removeLast(Int(next() % UInt64(damaged.count)))
            // A value of JSON for another one.
            default: replaceValue(in: &damaged, from: place, with: words[Int(next() % UInt64(words.count))])
            }
        }
        return damaged
    }

    /// Puts a word in the place of the next number, or string without its quotes, after a colon.
    private func replaceValue(in bytes: inout [UInt8], from place: Int, with word: String) {
        guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) else { return }
        let end = bytes[(colon + 1)...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
        bytes.replaceSubrange((colon + 1)..<(end ?? bytes.count), with: Array(word.utf8))
    }
}
