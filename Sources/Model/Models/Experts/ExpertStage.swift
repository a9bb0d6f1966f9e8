internal import CPUKernels
internal import Tensors

/// One worker's part in the mixture of experts of one layer and row chunk.
///
/// Rows are sorted by expert, so that each expert's weights are read once for all rows that chose it and not at all where
/// none did. What a row gets doesn't depend on the others: each product has the bits of its row alone, and outputs are
/// added in the order of the row's own choices.
struct ExpertStage {
    let pass: ForwardPass
    let own: WorkerState
    let part: ExpertOperation
    private let rowCount: Int
    private let mode: RowMode
    private let scratch: ExpertMemory.Scratch
    /// Of a batch's only row, all workers make the same choices, each for itself.
    private let choices: ExpertMemory.Choices

    init(pass: ForwardPass, own: WorkerState, part: ExpertOperation, rows: Int) {
        self.pass = pass
        self.own = own
        self.part = part
        rowCount = rows
        mode = own.mode(rows)
        scratch = part.memory.workers[own.worker.index]
        choices = mode == .alone ? scratch.choices : part.memory.choices
    }

    private var memory: ExpertMemory { part.memory }
    private var shape: ExpertShape { part.shape }

    /// Everything up to the outputs of all experts; `read` writes a normed row.
    func run(
        next: FusedProducts,
        read: (_ index: Int, _ row: UnsafeMutablePointer<Float>) -> Void,
    ) {
        own.multiply(part.router, rows: rowCount, fill: read)
        if mode != .apart { own.worker.barrier() }
        choose()
        if mode != .alone { own.worker.barrier() }
        let slotCount = sort()
        gather(slotCount)
        multiplyFirst()
        own.worker.barrier()
        activate(slotCount)
        own.worker.barrier()
        multiplyDown()
        if let shared = part.shared { pass.feedForward(shared, rowCount, own, read: read) }
        own.barrier(next: next)
    }

    /// Exchanges outputs, where ranks have different experts.
    func exchange() {
        guard let dealing = part.dealing else { return }
        let choiceCount = rowCount * shape.perToken
        for choice in own.worker.range(of: choiceCount) where scratch.slots[choice] >= 0 {
            copyOutput(choice, to: memory.packed + Int(scratch.places[choice]) * part.outputWidth)
        }
        own.worker.barrier()
        if own.worker.index == 0 {
            dealing.exchange(scratch)
            if part.shared != nil { dealing.shared?.gather(memory.sharedOutput, rows: rowCount) }
        }
        own.worker.barrier()
    }

    /// Writes the sum of a row's outputs, or this rank's part of it; `addend` holds a row.
    func combine(_ index: Int, to output: UnsafeMutablePointer<Float>, addend: UnsafeMutablePointer<Float>) {
        let (kernels, width) = (pass.kernels, part.combinedWidth(hidden: pass.hiddenSize))
        output.update(repeating: 0, count: width)
        for choice in index * shape.perToken..<(index + 1) * shape.perToken {
            if let dealing = part.dealing {
                dealing.copy(choice, of: Int(choices.experts[choice]), scratch, to: addend)
            } else {
                copyOutput(choice, to: addend)
            }
            kernels.scale(addend, choices.weights[choice], Int32(width), addend)
            kernels.add(addend, Int32(width), output)
        }
        guard part.shared != nil else { return }
        if let gather = part.dealing?.shared {
            gather.copy(index, of: rowCount, to: addend)
        } else {
            addend.update(from: memory.sharedOutput + index * width, count: width)
        }
        if part.hasSharedGate {
            let gate = memory.logits[index * part.logitCount + shape.count]
            kernels.scale(addend, ExpertRouter.sigmoid(gate), Int32(width), addend)
        }
        kernels.add(addend, Int32(width), output)
    }

    /// Writes what one of the rank's experts makes of a row that chose it.
    private func copyOutput(_ choice: Int, to row: UnsafeMutablePointer<Float>) {
        let width = part.outputWidth
        row.update(from: memory.output + Int(scratch.slots[choice]) * width, count: width)
        if let bias = part.experts[Int(choices.experts[choice]) - shape.own.lowerBound].downBias {
            pass.kernels.add(bias, Int32(width), row)
        }
    }

    /// Chooses the experts of this worker's rows.
    private func choose() {
        let router = ExpertRouter(shape: shape, selectionBias: part.selectionBias)
        for row in own.share(rowCount) {
            let scores = scratch.scores
            scores.update(from: memory.logits + row * part.logitCount, count: shape.count)
            if let bias = part.routerBias { pass.kernels.add(bias, Int32(shape.count), scores) }
            router.choose(
                scores,
                scratch: scores + shape.count,
                chosen: choices.experts + row * shape.perToken,
                weights: choices.weights + row * shape.perToken
            )
        }
    }

    /// Gives every choice of an expert that the rank has a slot; every worker does that for itself.
    ///
    /// - Returns: how many slots there are.
    private func sort() -> Int {
        let pairs = rowCount * shape.perToken
        let (count, first) = (shape.own.count, shape.own.lowerBound)
        scratch.counts.update(repeating: 0, count: count)
        for choice in 0..<pairs {
            let expert = Int(choices.experts[choice]) - first
            if expert >= 0 && expert < count { scratch.counts[expert] += 1 }
        }
        var next: Int32 = 0
        for expert in 0..<count {
            scratch.starts[expert] = next
            next += (scratch.counts[expert] + 3) / 4 * 4
            scratch.counts[expert] = 0
        }
        for choice in 0..<pairs {
            let expert = Int(choices.experts[choice]) - first
            guard expert >= 0 && expert < count else {
                scratch.slots[choice] = -1
                continue
            }
            let slot = scratch.starts[expert] + scratch.counts[expert]
            scratch.counts[expert] += 1
            scratch.slots[choice] = slot
            scratch.rows[Int(slot)] = Int32(choice / shape.perToken)
        }
        part.dealing?.count(choices.experts, pairs, scratch)
        return Int(next)
    }

    /// Calls `body` with each expert, as the rank counts them, and those of its slots that are this worker's.
    private func forEachShare(_ slotCount: Int, _ body: (_ expert: Int, _ start: Int, _ places: Range<Int>) -> Void) {
        let share = own.worker.range(of: slotCount, grain: 4)
        for expert in 0..<shape.own.count where scratch.counts[expert] > 0 {
            let start = Int(scratch.starts[expert])
            let places = share.clamped(to: start..<start + Int(scratch.counts[expert]))
            if !places.isEmpty { body(expert, start, places.lowerBound - start..<places.upperBound - start) }
        }
    }

    /// Brings rows to their slots, as the experts' matrices want them.
    ///
    /// A batch's only row needs no slots.
    private func gather(_ slotCount: Int) {
        let width = pass.hiddenSize
        if mode == .alone {
            part.firstNeeds.prepare(
                own.ownActivations,
                places: 0..<1,
                of: 1,
                from: own.filledRow(0),
                stride: width,
                columns: width
            )
            return
        }
        forEachShare(slotCount) { expert, start, places in
            let gathered = memory.gathered + (start + places.lowerBound) * width
            for place in places {
                let row = own.filledRow(Int(scratch.rows[start + place]))
                (gathered + (place - places.lowerBound) * width).update(from: row, count: width)
            }
            part.firstNeeds.prepare(
                memory.activations.part(fromRow: start, columns: width),
                places: places,
                of: Int(scratch.counts[expert]),
                from: gathered,
                stride: width,
                columns: width
            )
        }
        own.worker.barrier()
    }

    /// Biases and nonlinearity of this worker's slots, as the last matrices want them.
    private func activate(_ slotCount: Int) {
        let width = shape.width
        forEachShare(slotCount) { expert, start, places in
            let biases = part.experts[expert]
            let block = memory.gateUp + (start + places.lowerBound) * shape.rowStride
            for index in 0..<places.count {
                let gate = block + index * shape.rowStride
                if let bias = biases.gateBias { pass.kernels.add(bias, Int32(width), gate) }
                if let bias = biases.upBias { pass.kernels.add(bias, Int32(width), gate + width) }
                part.activation.apply(gate, gate + width, width: width, to: gate)
                guard part.sharing != nil else { continue }
                (memory.activated + (start + places.lowerBound + index) * width).update(from: gate, count: width)
            }
            if part.sharing == nil { prepareDown(expert, start, places) }
        }
        guard let sharing = part.sharing else { return }
        exchange(sharing, slotCount)
        forEachShare(slotCount) { expert, start, places in prepareDown(expert, start, places) }
    }

    /// Prepares an expert's numbers between its products for the last of these.
    private func prepareDown(_ expert: Int, _ start: Int, _ places: Range<Int>) {
        let input = downInput(start)
        part.downNeeds.prepare(
            memory.activations.part(fromRow: start, columns: input.columns),
            places: places,
            of: Int(scratch.counts[expert]),
            from: input.rows + places.lowerBound * input.stride,
            stride: input.stride,
            columns: input.columns
        )
    }

    /// Brings together what ranks have of this worker's slots that share the experts.
    private func exchange(_ sharing: ExpertOperation.Sharing, _ slotCount: Int) {
        own.worker.barrier()
        if own.worker.index == 0 { sharing.gather.gather(memory.activated, rows: slotCount) }
        own.worker.barrier()
        forEachShare(slotCount) { _, start, places in
            for slot in start + places.lowerBound..<start + places.upperBound {
                sharing.gather.copy(slot, of: slotCount, to: memory.rows + slot * sharing.width)
            }
        }
    }

    /// What the last matrices multiply, from a slot on.
    private func downInput(_ slot: Int) -> (rows: UnsafeMutablePointer<Float>, stride: Int, columns: Int) {
        if let width = part.sharing?.width { return (memory.rows + slot * width, width, width) }
        return (memory.gateUp + slot * shape.rowStride, shape.rowStride, shape.width)
    }

    /// Gates and ups of all slots.
    private func multiplyFirst() {
        let (width, stride) = (pass.hiddenSize, shape.rowStride)
        multiply { expert, start, count, add in
            let isAlone = mode == .alone
            let gates = memory.gateUp + start * stride
            let activations =
                isAlone ? own.ownActivations : memory.activations.part(fromRow: start, columns: width)
            let product = { (matrix: PackedTiles, output: UnsafeMutablePointer<Float>) in
                GroupedProduct(
                    MatrixProduct(matrix, into: output, stride: stride),
                    activations: activations,
                    source: isAlone ? own.filledRow(0) : UnsafePointer(memory.gathered + start * width),
                    sourceStride: width,
                    rows: count
                )
            }
            add(product(part.experts[expert].gate, gates))
            add(product(part.experts[expert].up, gates + shape.width))
        }
    }

    /// Outputs of all slots.
    private func multiplyDown() {
        let width = part.outputWidth
        multiply { expert, start, count, add in
            let input = downInput(start)
            add(
                GroupedProduct(
                    MatrixProduct(part.experts[expert].down, into: memory.output + start * width, stride: width),
                    activations: memory.activations.part(fromRow: start, columns: input.columns),
                    source: input.rows,
                    sourceStride: input.stride,
                    rows: count
                )
            )
        }
    }

    /// Multiplies what `body` adds for each expert that has slots.
    private func multiply(
        _ body: (_ expert: Int, _ start: Int, _ count: Int, _ add: (GroupedProduct) -> Void) -> Void,
    ) {
        var count = 0
        for expert in 0..<shape.own.count where scratch.counts[expert] > 0 {
            body(expert, Int(scratch.starts[expert]), Int(scratch.counts[expert])) { product in
                scratch.work[count] = product
                count += 1
            }
        }
        Tensors.multiply(own.worker, grouped: UnsafeBufferPointer(start: scratch.work, count: count))
    }
}
