extension ExpertOperation {
    /// What ranks exchange that have the same experts and share each: numbers between an expert's products.
    struct Sharing {
        /// Brings together all of them.
        let gather: RankGather
        /// How many an expert has.
        let width: Int
        let memory: ExpertMemory
    }

    /// What ranks exchange that have different experts: outputs, so that each rank adds up those of a row's choices in the order
    /// of these.
    struct Dealing {
        private unowned(unsafe) let group: RankGroup
        /// Which part of the experts each rank has, and which numbers of their outputs it makes.
        private let ranks: UnsafeBufferPointer<(part: Int, hidden: Range<Int>)>
        /// Which part each expert belongs to.
        private let partOfExpert: UnsafeBufferPointer<Int>
        /// Brings together outputs of the part that all tokens use.
        let shared: RankGather?
        private let memory: ExpertMemory

        init(
            _ group: RankGroup,
            shares: [LayerPart],
            shared: RankGather?,
            memory: ExpertMemory,
            arrays: RawArrays,
        ) {
            self.group = group
            self.shared = shared
            self.memory = memory
            ranks = arrays.add(shares.indices.map { (group.layout.place(of: $0).expert, shares[$0].expertHidden) })
            let count = shares.map(\.experts.upperBound).max() ?? 0
            partOfExpert = arrays.add(
                (0..<count).map { expert in
                    shares.indices.first { shares[$0].experts.contains(expert) }
                        .map { group.layout.place(of: $0).expert } ?? 0
                }
            )
        }

        /// Gives each choice its place among those of the same part of the experts.
        func count(_ choices: UnsafePointer<Int32>, _ count: Int, _ scratch: ExpertMemory.Scratch) {
            scratch.partCounts.update(repeating: 0, count: group.layout.expertParallel)
            for choice in 0..<count {
                let part = partOfExpert[Int(choices[choice])]
                scratch.places[choice] = scratch.partCounts[part]
                scratch.partCounts[part] += 1
            }
        }

        /// Exchanges what lies in `memory.packed`, this rank's outputs of all choices that are its own.
        func exchange(_ scratch: ExpertMemory.Scratch) {
            let counts = ranks.map { Int(scratch.partCounts[$0.part]) * $0.hidden.count }
            group.gather(memory.packed, counts: counts, into: memory.exchanged, sharesExperts: false)
        }

        /// Writes the output of a choice.
        func copy(_ choice: Int, of expert: Int, _ scratch: ExpertMemory.Scratch, to row: UnsafeMutablePointer<Float>) {
            let (part, place) = (partOfExpert[expert], Int(scratch.places[choice]))
            var first = memory.exchanged
            for rank in ranks {
                if rank.part == part {
                    let source = first + place * rank.hidden.count
                    (row + rank.hidden.lowerBound).update(from: source, count: rank.hidden.count)
                }
                first += Int(scratch.partCounts[rank.part]) * rank.hidden.count
            }
        }
    }
}
