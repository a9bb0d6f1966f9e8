/// The physical blocks of the KV cache: who uses each, and which one is taken next.
///
/// A block nobody uses is available, whether or not its content is still worth something; available blocks form a list
/// from which the front is taken. Blocks without worth go to its front, blocks with worth to its back, so that what was
/// cached longest ago is lost first. Every operation takes constant time.
package struct BlockPool: Sendable {
    /// How many blocks there are; they are numbered from 0.
    package let count: Int
    /// How many blocks nobody uses.
    package private(set) var availableCount: Int
    /// How many hold each block.
    private var references: [Int32]
    /// The list of available blocks, circular through the sentinel `count`.
    private var following: [Int32]
    private var preceding: [Int32]

    /// A pool of `count` available blocks.
    package init(count: Int) {
        self.count = count
        availableCount = count
        references = [Int32](repeating: 0, count: count)
        following = (0...count).map { Int32(($0 + 1) % (count + 1)) }
        preceding = (0...count).map { Int32(($0 + count) % (count + 1)) }
    }

    /// How many blocks somebody uses.
    package var usedCount: Int { count - availableCount }

    /// How many hold a block.
    package func referenceCount(of block: Int32) -> Int { Int(references[Int(block)]) }

    /// Takes the available block whose content is worth least; `nil` when all are used.
    package mutating func take() -> Int32? {
        let block = following[count]
        guard Int(block) != count else { return nil }
        retain(block)
        return block
    }

    /// Counts one more holder of a block, which may have none.
    package mutating func retain(_ block: Int32) {
        if references[Int(block)] == 0 {
            unlink(block)
            availableCount -= 1
        }
        references[Int(block)] += 1
    }

    /// Counts one holder less; the last one makes the block available, to be taken late if its content is of worth.
    package mutating func release(_ block: Int32, keepingContent: Bool) {
        precondition(references[Int(block)] > 0, "block \(block) was freed twice")
        references[Int(block)] -= 1
        guard references[Int(block)] == 0 else { return }
        availableCount += 1
        let sentinel = Int32(count)
        if keepingContent {
            link(block, after: preceding[count], before: sentinel)
        } else {
            link(block, after: sentinel, before: following[count])
        }
    }

    /// Makes an available block the last one to be taken; does nothing to a used one.
    package mutating func touch(_ block: Int32) {
        guard references[Int(block)] == 0 else { return }
        unlink(block)
        link(block, after: preceding[count], before: Int32(count))
    }

    /// What is wrong with the pool, given how many holders each block should have; empty when all is well.
    package func problems(expectedReferences: [Int]) -> [String] {
        var problems: [String] = []
        for block in 0..<count where Int(references[block]) != expectedReferences[block] {
            problems.append("block \(block) has \(references[block]) holders, not \(expectedReferences[block])")
        }
        var listed = Set<Int32>()
        var block = following[count]
        while Int(block) != count, listed.insert(block).inserted {
            if references[Int(block)] != 0 { problems.append("used block \(block) is in the list of available ones") }
            if following[Int(preceding[Int(block)])] != block { problems.append("the list is broken at \(block)") }
            block = following[Int(block)]
        }
        if listed.count != availableCount {
            problems.append("\(listed.count) blocks are listed as available, \(availableCount) are counted")
        }
        let unused = references.count { $0 == 0 }
        if unused != availableCount { problems.append("\(unused) blocks are unused, \(availableCount) are counted") }
        return problems
    }

    private mutating func unlink(_ block: Int32) {
        let (before, after) = (preceding[Int(block)], following[Int(block)])
        following[Int(before)] = after
        preceding[Int(after)] = before
    }

    private mutating func link(_ block: Int32, after: Int32, before: Int32) {
        following[Int(after)] = block
        preceding[Int(block)] = after
        following[Int(block)] = before
        preceding[Int(before)] = block
    }
}
