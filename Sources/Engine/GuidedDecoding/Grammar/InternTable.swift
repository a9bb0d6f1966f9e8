/// Finds values that were numbered before by their hash: an open table of numbers, the values are its owner's.
struct InternTable: Sendable {
    private var slots: [Int32]
    private var hashes: [UInt64]
    private(set) var count = 0
    /// Differs from process to process, so that nobody can choose values that collide.
    private static let seed = UInt64.random(in: 1 ... .max) | 1

    init(minimumCapacity: Int = 64) {
        let capacity = max(16, minimumCapacity).nextPowerOfTwo
        slots = [Int32](repeating: -1, count: capacity)
        hashes = [UInt64](repeating: 0, count: capacity)
    }

    /// Makes its tables its own.
    mutating func detach() {
        slots.reserveCapacity(slots.count + 1)
        hashes.reserveCapacity(hashes.count + 1)
    }

    /// Mixes one more number into a hash.
    @inline(__always)
    static func mix(_ hash: UInt64, _ value: Int32) -> UInt64 {
        let product = ((hash ^ UInt64(UInt32(bitPattern: value))) &+ seed).multipliedFullWidth(
            by: 0x9E37_79B9_7F4A_7C15
        )
        return product.high ^ product.low
    }

    /// The number of the value with a hash that is the same; nil if there is none.
    @inline(__always)
    func find(_ hash: UInt64, isSame: (Int32) -> Bool) -> Int32? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 20) & mask
        while slots[slot] >= 0 {
            if hashes[slot] == hash, isSame(slots[slot]) { return slots[slot] }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Takes in a number that `find` didn't know.
    mutating func insert(_ hash: UInt64, _ number: Int32) {
        if (count + 1) * 2 > slots.count {
            let old = zip(slots, hashes).filter { $0.0 >= 0 }
            slots = [Int32](repeating: -1, count: slots.count * 2)
            hashes = [UInt64](repeating: 0, count: slots.count)
            for (number, hash) in old { place(hash, number) }
        }
        place(hash, number)
        count += 1
    }

    private mutating func place(_ hash: UInt64, _ number: Int32) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 20) & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = number
        hashes[slot] = hash
    }
}

extension Int {
    /// The smallest power of two that isn't smaller.
    fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
