import Tensors
import Testing

/// How a host's cores are dealt to processes.
@Suite struct CoreSharesTests {
    /// Two nodes whose cores the kernel numbers in turn, two threads each.
    private let cores = CoreShares(
        (0..<8).map { CoreShares.Core(threads: [$0, $0 + 8], node: $0 % 2) }
    )

    @Test func eachProcessGetsTheCoresOfOneNode() {
        #expect(cores.share(of: 0, count: 2) == [0, 8, 2, 10, 4, 12, 6, 14])
        #expect(cores.share(of: 1, count: 2) == [1, 9, 3, 11, 5, 13, 7, 15])
    }

    @Test(arguments: 1...8)
    func sharesCoverAllCoresOnce(count: Int) {
        let shares = (0..<count).compactMap { cores.share(of: $0, count: count) }
        #expect(shares.count == count && shares.allSatisfy { !$0.isEmpty })
        #expect(shares.joined().sorted() == Array(0..<16))
    }

    @Test func moreProcessesThanCoresShareThemAll() {
        #expect(cores.share(of: 0, count: 9) == nil)
        #expect(cores.share(of: 3, count: 2) == nil)
    }

    @Test func thisProcessHasCoresAndMayKeepThem() {
        let threads = CoreShares.current.cores.flatMap(\.threads).sorted()
        #expect(!threads.isEmpty)
        #expect(CoreShares.bind(to: threads))
        #expect(CoreShares.current.cores.flatMap(\.threads).sorted() == threads)
    }

    @Test func aSharedHostGivesEachProcessItsPart() {
        let host = HostTopology(affinity: 8, quota: 6, physicalCores: 4)
        #expect(host.shared(by: 2, ownsCores: false).threadCount == 2)
        #expect(host.shared(by: 9, ownsCores: false).threadCount == 1)
        // Cores of one's own are counted already; the quota is for all.
        #expect(host.shared(by: 2, ownsCores: true) == HostTopology(affinity: 8, quota: 3, physicalCores: 4))
    }
}
