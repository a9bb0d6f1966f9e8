internal import Glibc

/// A moment on the wall clock of some place, as `strftime_now` shows it.
public struct LocalTime: Sendable, Hashable {
    /// Seconds since 1970 of a clock that shows the local time.
    ///
    /// UTC plus the place's offset.
    public var secondsSinceEpoch: Int
    /// Microseconds within the second.
    public var microsecond: Int

    /// The moment a local clock shows as that many seconds after the start of 1970.
    public init(secondsSinceEpoch: Int, microsecond: Int = 0) {
        self.secondsSinceEpoch = secondsSinceEpoch
        self.microsecond = microsecond
    }

    /// The system's local time now.
    public static func current() -> LocalTime {
        var clock = timespec()
        clock_gettime(CLOCK_REALTIME, &clock)
        var fields = tm()
        var seconds = clock.tv_sec
        localtime_r(&seconds, &fields)
        return LocalTime(secondsSinceEpoch: seconds + fields.tm_gmtoff, microsecond: clock.tv_nsec / 1000)
    }

    /// The moment in the words of a `strftime` pattern with Python's `%f`; `%z` and `%Z` are empty.
    ///
    /// `nil` when the text would be longer than 4096 bytes.
    func formatted(_ pattern: [UInt8]) -> [UInt8]? {
        var native: [UInt8] = []
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            guard byte == UInt8(ascii: "%"), index + 1 < pattern.count else {
                // strftime ends at a NUL, and a final lone percent sign stays as it is.
                if byte == UInt8(ascii: "%") { native.append(byte) }
                if byte != 0 { native.append(byte) }
                index += 1
                continue
            }
            switch pattern[index + 1] {
            case UInt8(ascii: "f"):
                let digits = String(microsecond)
                native.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, 6 - digits.utf8.count)))
                native.append(contentsOf: digits.utf8)
            case UInt8(ascii: "z"), UInt8(ascii: "Z"): break
            case let code: native.append(contentsOf: [byte, code])
            }
            index += 2
        }
        guard !native.isEmpty else { return [] }
        guard native.count <= 4096 else { return nil }
        var seconds = secondsSinceEpoch
        var fields = tm()
        gmtime_r(&seconds, &fields)
        // strftime reports both "too long" and "empty" as 0: a marker in front makes every result non-empty.
        native.insert(UInt8(ascii: "|"), at: 0)
        native.append(0)
        var text = [UInt8](repeating: 0, count: 4096)
        let count = native.withUnsafeBytes { pattern in
            text.withUnsafeMutableBytes { text in
                guard let format = pattern.bindMemory(to: CChar.self).baseAddress,
                    let target = text.bindMemory(to: CChar.self).baseAddress
                else { return 0 }
                return strftime(target, text.count, format, &fields)
            }
        }
        return count > 0 ? Array(text[1..<count]) : nil
    }
}
