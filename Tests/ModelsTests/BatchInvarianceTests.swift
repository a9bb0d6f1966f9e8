import Models
import Testing

/// What a sequence gets never depends, by a single bit, on what it is computed with or how it was cut.
@Suite struct BatchInvarianceTests {
    @Test(arguments: TinyModel.all)
    func chunkedIsTheSameAsWhole(family: String) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let tiny = try TinyModel(family)
        let whole = tiny.feed(tokens[...], position: 0, blocks: Array(0..<10))
        for sizes in [[1], [7], [32], [100], [255, 1], [299]] {
            let blocks = (0..<10).map { Int32(63 - $0 * 3) }
            var rows: [[UInt32]] = []
            var index = 0
            while rows.count < tokens.count {
                let end = min(tokens.count, rows.count + sizes[index % sizes.count])
                rows += tiny.feed(tokens[rows.count..<end], position: rows.count, blocks: blocks)
                index += 1
            }
            #expect(rows == whole, "chunks of \(sizes)")
        }
    }

    @Test(arguments: TinyModel.all, [2, 3, 5])
    func numberOfWorkersDoesNotMatter(family: String, threads: Int) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let one = try TinyModel(family)
        let many = try TinyModel(family, threads: threads)
        let blocks = Array(Int32(0)..<10)
        let expected = one.feed(tokens[..<290], position: 0, blocks: blocks)
        #expect(many.feed(tokens[..<290], position: 0, blocks: blocks) == expected)
        for position in 290..<300 {
            let token = tokens[position...position]
            let alone = one.feed(token, position: position, blocks: blocks)
            #expect(many.feed(token, position: position, blocks: blocks) == alone)
        }
    }

    @Test(arguments: TinyModel.all, [1, 2])
    func insideARaggedBatchIsTheSameAsAlone(family: String, threads: Int) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let tiny = try TinyModel(family, threads: threads, blocks: 200)
        // Sixteen sequences: lengths in the cache, and rows of this batch.
        let work = (0..<16).map { ($0 * 17 % 180, [1, 1, 33, 1, 5, 64, 1, 2][$0 % 8]) }
        var alone: [[UInt32]] = []
        for (index, (cached, count)) in work.enumerated() {
            let own = tokens[index..<index + cached + count]
            let blocks = (0..<8).map { Int32(190 - $0) }
            alone += tiny.feed(own, position: 0, blocks: blocks)[cached...]
        }
        var batch = ModelBatch()
        for (index, (cached, count)) in work.enumerated() {
            let blocks = (0..<8).map { Int32(index * 8 + $0) }
            if cached > 0 { _ = tiny.feed(tokens[index..<index + cached], position: 0, blocks: blocks) }
            let rows = tiny.model.rows(blocks)
            batch.add(tokens[index + cached..<index + cached + count], position: cached, blocks: rows)
        }
        #expect(tiny.rows(of: batch) == alone)
    }

    @Test(arguments: TinyModel.all)
    func onlyWantedRowsGiveTheSameLogits(family: String) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let tiny = try TinyModel(family, threads: 2)
        let all = tiny.feed(tokens[...], position: 0, blocks: Array(0..<10))
        for wanted in [[299], [0, 17, 256, 257], []] {
            let slice = ModelBatch.Slice(
                rows: 0..<300,
                position: 0,
                blocks: tiny.model.rows(Array(0..<10)),
                logitRows: wanted
            )
            let rows = tiny.rows(of: ModelBatch(tokens: tokens, slices: [slice]))
            #expect(rows == wanted.map { all[$0] })
        }
    }

    @Test(arguments: TinyModel.all)
    func copiedBlocksContinueTheSameWay(family: String) throws {
        let tokens = try TinyModel.expectation(family).tokens
        let tiny = try TinyModel(family, tokensPerBlock: 64)
        let whole = tiny.feed(tokens[..<200], position: 0, blocks: [0, 1, 2, 3])
        _ = tiny.feed(tokens[..<150], position: 0, blocks: [0, 1, 2])
        tiny.model.copyRow(from: 2, to: 9)
        #expect(tiny.feed(tokens[150..<200], position: 150, blocks: [0, 1, 9, 4]) == Array(whole[150...]))
    }
}
