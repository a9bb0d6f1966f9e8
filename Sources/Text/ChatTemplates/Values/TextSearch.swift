extension [UInt8] {
    /// The place of the first occurrence of bytes within a range of places.
    func firstRange(of needle: [UInt8], from start: Int = 0, to end: Int? = nil) -> Range<Int>? {
        let end = end ?? count
        guard let first = needle.first else { return start <= end ? start..<start : nil }
        guard end - start >= needle.count else { return nil }
        if needle.count > Self.directNeedle {
            return Self.knuthMorrisPratt(needle, length: end - start) { self[start + $0] }
                .map { start + $0..<start + $0 + needle.count }
        }
        var index = start
        while index + needle.count <= end {
            guard let found = self[index...(end - needle.count)].firstIndex(of: first) else { return nil }
            if self[found..<found + needle.count].elementsEqual(needle) { return found..<found + needle.count }
            index = found + 1
        }
        return nil
    }

    /// The place of the last occurrence of bytes within a range of places.
    func lastRange(of needle: [UInt8], from start: Int = 0, to end: Int? = nil) -> Range<Int>? {
        let end = end ?? count
        guard end - start >= needle.count else { return nil }
        if needle.count > Self.directNeedle {
            return Self.knuthMorrisPratt(needle.reversed(), length: end - start) { self[end - 1 - $0] }
                .map { end - $0 - needle.count..<end - $0 }
        }
        var index = end - needle.count
        while index >= start {
            if self[index..<index + needle.count].elementsEqual(needle) { return index..<index + needle.count }
            index -= 1
        }
        return nil
    }

    /// Up to this length comparing at every place costs less than preparing not to.
    private static var directNeedle: Int { 8 }

    /// The first place of a needle in linear time, whatever the two are made of (Knuth, Morris and Pratt, 1977).
    private static func knuthMorrisPratt(_ needle: [UInt8], length: Int, _ byte: (Int) -> UInt8) -> Int? {
        var fallback = [Int](repeating: 0, count: needle.count)
        var matched = 0
        for index in 1..<needle.count {
            while matched > 0, needle[index] != needle[matched] { matched = fallback[matched - 1] }
            if needle[index] == needle[matched] { matched += 1 }
            fallback[index] = matched
        }
        matched = 0
        for index in 0..<length {
            let byte = byte(index)
            while matched > 0, byte != needle[matched] { matched = fallback[matched - 1] }
            if byte == needle[matched] { matched += 1 }
            if matched == needle.count { return index + 1 - matched }
        }
        return nil
    }
}
