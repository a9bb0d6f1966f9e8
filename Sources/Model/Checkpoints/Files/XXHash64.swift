/// XXH64 of Yann Collet, a checksum of 64 bits at the speed of memory: of what was damaged by accident, not of what somebody
/// made on purpose.
///
/// Each 8 bytes change the sum one-to-one, so that damage inside of 8 aligned bytes is always found.
///
/// Format: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
package enum XXHash64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The sum of some bytes.
    package static func sum(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        var place = 0
        var hash: UInt64
        if bytes.count >= 32 {
            hash = stripes(bytes, seed, &place)
        } else {
            hash = seed &+ prime5
        }
        hash &+= UInt64(bytes.count)
        while bytes.count - place >= 8 {
            hash ^= round(0, word(bytes, place))
            hash = rotated(hash, 27) &* prime1 &+ prime4
            place += 8
        }
        if bytes.count - place >= 4 {
            let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            hash = rotated(hash ^ (UInt64(half) &* prime1), 23) &* prime2 &+ prime3
            place += 4
        }
        for byte in bytes[place...] { hash = rotated(hash ^ (UInt64(byte) &* prime5), 11) &* prime1 }
        hash = (hash ^ (hash >> 33)) &* prime2
        hash = (hash ^ (hash >> 29)) &* prime3
        return hash ^ (hash >> 32)
    }

    /// The sum of an array's bytes.
    package static func sum(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { sum($0, seed: seed) }
    }

    /// Takes 32 bytes at a time, as long as there are so many.
    private static func stripes(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64, _ place: inout Int) -> UInt64 {
        var first = seed &+ prime1 &+ prime2
        var second = seed &+ prime2
        var third = seed
        var fourth = seed &- prime1
        while bytes.count - place >= 32 {
            first = round(first, word(bytes, place))
            second = round(second, word(bytes, place + 8))
            third = round(third, word(bytes, place + 16))
            fourth = round(fourth, word(bytes, place + 24))
            place += 32
        }
        var hash = rotated(first, 1) &+ rotated(second, 7) &+ rotated(third, 12) &+ rotated(fourth, 18)
        for lane in [first, second, third, fourth] { hash = (hash ^ round(0, lane)) &* prime1 &+ prime4 }
        return hash
    }

    @inline(__always) private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    @inline(__always) private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotated(lane &+ word &* prime2, 31) &* prime1
    }

    @inline(__always) private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value << bits | value >> (64 - bits)
    }
}
