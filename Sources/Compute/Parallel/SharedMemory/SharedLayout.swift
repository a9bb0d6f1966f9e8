/// Where a group's ranks find each other's flags and data in the memory they share.
///
///     flags of collective calls [rank]
///     flags of messages         [from][to]: written, read
///     slots                     [rank][2]: what a rank gives to a collective call, two calls in turn
///     cells                     [from][to][cell]: messages on their way
struct SharedLayout: Sendable, Hashable {
    /// Bytes that a rank gives at a time.
    static let slotBytes = 256 << 10
    /// Bytes of a message that travel at a time, and how many times that is on its way.
    static let cellBytes = 64 << 10
    static let cellCount = 4
    /// Bytes of a flag.
    static let flagBytes = 128
    private static let pageBytes = 4096

    /// Number of ranks.
    let size: Int

    /// Bytes of it all.
    var byteCount: Int { cells + size * size * Self.cellCount * Self.cellBytes }
    /// Bytes of a region in which the group fits, and several that it is split into.
    var regionBytes: Int { 8 * byteCount }

    private var messageFlags: Int { size * Self.flagBytes }
    private var slots: Int {
        (messageFlags + 2 * size * size * Self.flagBytes + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
    }
    private var cells: Int { slots + 2 * size * Self.slotBytes }

    /// The flag that counts the collective calls of a rank.
    func flag(_ rank: Int) -> Int { rank * Self.flagBytes }

    /// The flag that counts the cells that a rank has written for another one.
    func written(from: Int, to: Int) -> Int { messageFlags + 2 * (from * size + to) * Self.flagBytes }

    /// The flag that counts the cells that a rank has read of those from another one.
    func read(from: Int, to: Int) -> Int { written(from: from, to: to) + Self.flagBytes }

    /// Where a rank puts what it gives to the call of this number.
    func slot(_ rank: Int, _ call: UInt32) -> Int { slots + (2 * rank + Int(call & 1)) * Self.slotBytes }

    /// The place of a message's part of this number.
    func cell(from: Int, to: Int, _ number: UInt32) -> Int {
        cells + ((from * size + to) * Self.cellCount + Int(number) % Self.cellCount) * Self.cellBytes
    }
}
