/// A fast hash of short byte runs, eight bytes at a time; not meant to resist chosen keys, as its tables are built
/// once and probed at half load.
enum ByteHash {
    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ from: Int, _ count: Int) -> UInt64 {
        var state = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        var position = from
        var left = count
        let raw = UnsafeRawBufferPointer(bytes)
        while left >= 8 {
            state = mix(state ^ raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
            left -= 8
        }
        if left > 0 {
            var tail: UInt64 = 0
            var shift: UInt64 = 0
            for index in position..<position + left {
                tail |= UInt64(bytes[index]) << shift
                shift += 8
            }
            state = mix(state ^ tail)
        }
        return state
    }

    /// Spreads the bits of a whole number over all of it.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value ^ (value >> 32)
        mixed &*= 0xD6E8_FEB8_6659_FD93
        mixed ^= mixed >> 29
        mixed &*= 0xD6E8_FEB8_6659_FD93
        return mixed ^ (mixed >> 32)
    }
}
