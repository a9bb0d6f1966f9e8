import Tensors
import Testing

@Suite struct ThreadPoolTests {
    @Test(arguments: [1, 2, 3, 8])
    func everyWorkerRunsOnce(count: Int) throws {
        let pool = try ThreadPool(threadCount: count)
        for _ in 0..<200 {
            var seen = [Int](repeating: 0, count: count)
            seen.withUnsafeMutableBufferPointer { seen in
                pool.run { worker in
                    seen[worker.index] += 1
                    #expect(worker.count == count)
                }
            }
            #expect(seen.allSatisfy { $0 == 1 })
        }
    }

    @Test(arguments: [2, 5])
    func whatIsWrittenBeforeABarrierIsSeenBehindIt(count: Int) throws {
        let pool = try ThreadPool(threadCount: count)
        var numbers = [Int](repeating: 0, count: count)
        var wrong = [Int](repeating: 0, count: count)
        numbers.withUnsafeMutableBufferPointer { numbers in
            wrong.withUnsafeMutableBufferPointer { wrong in
                pool.run { worker in
                    for round in 1...2000 {
                        numbers[worker.index] = round
                        worker.barrier()
                        if numbers.contains(where: { $0 != round }) { wrong[worker.index] += 1 }
                        worker.barrier()
                    }
                }
            }
        }
        #expect(wrong.allSatisfy { $0 == 0 })
    }

    @Test func sharesCoverTheRangeInGrains() throws {
        let pool = try ThreadPool(threadCount: 3)
        for n in [0, 1, 15, 16, 17, 100] {
            var shares = [Range<Int>](repeating: 0..<0, count: 3)
            shares.withUnsafeMutableBufferPointer { shares in
                pool.run { worker in shares[worker.index] = worker.range(of: n, grain: 16) }
            }
            #expect(shares.flatMap { Array($0) } == Array(0..<n))
            #expect(shares.allSatisfy { $0.isEmpty || $0.lowerBound % 16 == 0 })
        }
    }

    @Test(arguments: [1, 3])
    func itsBeatsGrowWithEveryPieceOfWork(count: Int) throws {
        let pool = try ThreadPool(threadCount: count)
        #expect(pool.threads.count == count - 1)
        let before = pool.beats
        pool.run { worker in for _ in 0..<100 { (worker.index == 0 ? worker.solo : worker).beat() } }
        let behind = pool.beats - before
        #expect(behind >= 100 * count && behind <= 100 * count + 2)
        pool.run { $0.barrier() }
        #expect(count == 1 || pool.beats > before + behind)
    }

    @Test func anImpossibleNumberOfThreadsIsAnError() {
        #expect(throws: TensorError.threadsUnavailable(count: 0)) { try ThreadPool(threadCount: 0) }
        #expect(throws: TensorError.threadsUnavailable(count: -1)) { try ThreadPool(threadCount: -1) }
    }
}
