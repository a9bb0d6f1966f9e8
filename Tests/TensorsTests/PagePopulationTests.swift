import Glibc
import Tensors
import Testing

@Suite struct PagePopulationTests {
    @Test func contentsStayAsTheyAre() throws {
        let memory = try AlignedMemory(byteCount: 40 << 20)
        let words = memory.bound(to: UInt64.self)
        for index in stride(from: 0, to: words.count, by: 1000) { words[index] = UInt64(index) + 1 }
        let population = PagePopulation(of: memory)
        for index in stride(from: 500, to: words.count, by: 1000) { words[index] = UInt64(index) + 1 }
        withExtendedLifetime(population) {}
        #expect(stride(from: 0, to: words.count, by: 500).allSatisfy { words[$0] == UInt64($0) + 1 })
        #expect(words[1] == 0)
    }

    @Test(arguments: [(40 << 20, 1), (40 << 20, 3), (41 << 20, 7), (1000, 4), (3 << 20, 30)])
    func everyByteIsInOnePiece(count: Int, stripes: Int) {
        let pieces = Array(PagePopulation.pieces(of: count, stripes: stripes))
        var end = 0
        for piece in pieces.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            #expect(piece.lowerBound == end)
            end = piece.upperBound
        }
        #expect(end == count)
    }

    @Test func stripesAdvanceSideBySide() {
        let pieces = PagePopulation.pieces(of: 12 << 20, stripes: 3).map { $0.lowerBound >> 20 }
        #expect(pieces == [0, 4, 8, 2, 6, 10])
    }

    @Test func allPagesAreThereInTheEnd() throws {
        let memory = try AlignedMemory(byteCount: 40 << 20)
        let population = PagePopulation(of: memory)
        // The thread only gets what others leave; there is no hurry.
        for _ in 0..<3000 where try residentPages(memory) < memory.bytes.count / pageSize { usleep(10_000) }
        withExtendedLifetime(population) {}
        #expect(try residentPages(memory) == memory.bytes.count / pageSize)
    }

    private var pageSize: Int { sysconf(Int32(_SC_PAGESIZE)) }

    private func residentPages(_ memory: AlignedMemory) throws -> Int {
        var pages = [UInt8](repeating: 0, count: memory.bytes.count / pageSize)
        try #require(mincore(memory.bytes.baseAddress, memory.bytes.count, &pages) == 0)
        return pages.count { $0 & 1 == 1 }
    }
}
