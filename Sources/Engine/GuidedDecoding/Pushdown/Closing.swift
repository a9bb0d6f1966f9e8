/// What is left to do to find the readings that need no byte to be reached.
struct Closing {
    /// Something that may come: a node above a stack, or, where the node is -1, what comes after the stack's top.
    struct Item: Hashable {
        var node: Int32
        var stack: Int32
    }

    /// The readings found so far, the first found first.
    private(set) var readings: [Reading] = []
    /// Rounds that began here: one of them that ends here as well was empty, and leads nowhere new.
    var fresh: Set<Int32> = []
    private var items: [Item] = []
    private var seenItems: Set<Item> = []
    private var seenReadings: Set<Reading> = []
    private let limit: Int
    /// How many items there may be; more are forgotten, which can't make an output wrong.
    private static let itemLimit = 50_000

    init(limit: Int) { self.limit = limit }

    mutating func enter(_ node: Int32, _ stack: Int32) { add(Item(node: node, stack: stack)) }
    mutating func resume(_ stack: Int32) { add(Item(node: -1, stack: stack)) }

    mutating func emit(_ state: Int32, _ stack: Int32) {
        let reading = Reading(state: state, stack: stack)
        guard state != 0, readings.count < limit else { return }
        if readings.count < 8 ? !readings.contains(reading) : insert(reading) { readings.append(reading) }
    }

    mutating func next() -> Item? { items.popLast() }

    private mutating func add(_ item: Item) {
        // The first few aren't worth a set.
        if seenItems.isEmpty, items.isEmpty {
            items.append(item)
            return
        }
        guard seenItems.count < Self.itemLimit, seenItems.insert(item).inserted else { return }
        items.append(item)
    }

    private mutating func insert(_ reading: Reading) -> Bool {
        if seenReadings.isEmpty { seenReadings.formUnion(readings) }
        return seenReadings.insert(reading).inserted
    }
}

extension MatchState {
    /// What it counts for to look at one item.
    private static var closingSteps: Int { 3 }

    /// Does what is to be done, the first alternatives first.
    mutating func close(_ work: inout Closing) -> [Reading] {
        while let item = work.next(), automaton.count(steps: Self.closingSteps) {
            if item.node >= 0 { enter(item.node, item.stack, &work) } else { resume(item.stack, &work) }
        }
        return work.readings.count > 4 ? merged(work.readings) : work.readings
    }

    private mutating func enter(_ id: Int32, _ stack: Int32, _ work: inout Closing) {
        switch program.node(id) {
        case .terminal(let expression):
            if expression == 1 {
                work.resume(stack)
            } else {
                if automaton.expressions.isNullable(expression) { work.resume(stack) }
                work.emit(state(of: expression), stack)
            }
        case .sequence(let parts):
            enterPart(parts, 0, id, stack, &work)
        case .choice(let parts):
            for part in parts.reversed() { work.enter(part, stack) }
        case .repetition(let body, let minimum, let maximum):
            if minimum == 0 { work.resume(stack) }
            if maximum != 0 { enterRound(id, body, 1, minimum, maximum, stack, &work) }
        case .members(let place):
            let set = program.memberSets[Int(place)]
            let opened = stacks.push(Frame(kind: .opened, place: place, parent: stack))
            if automaton.expressions.isNullable(set.open) { work.resume(opened) }
            if set.open != 1 { work.emit(state(of: set.open), opened) }
        }
    }

    private mutating func resume(_ stack: Int32, _ work: inout Closing) {
        let frame = stacks.frame(stack)
        switch frame.kind {
        case .bottom: work.emit(1, 0)
        case .either: for member in stacks.stackList(frame.place).reversed() { work.resume(member) }
        case .sequence:
            if case .sequence(let parts) = program.node(frame.place) {
                enterPart(parts, Int(frame.count), frame.place, frame.parent, &work)
            }
        case .repetition:
            guard !work.fresh.contains(stack),
                case .repetition(let body, let minimum, let maximum) = program.node(frame.place)
            else { return }
            if frame.count >= minimum { work.resume(frame.parent) }
            if maximum < 0 || frame.count < maximum {
                enterRound(frame.place, body, frame.count + 1, minimum, maximum, frame.parent, &work)
            }
        default: resumeMembers(frame, stack, &work)
        }
    }

    private mutating func enterPart(
        _ parts: [Int32],
        _ index: Int,
        _ id: Int32,
        _ stack: Int32,
        _ work: inout Closing
    ) {
        guard index < parts.count else { return work.resume(stack) }
        guard index + 1 < parts.count else { return work.enter(parts[index], stack) }
        let rest = Frame(kind: .sequence, place: id, count: Int32(index + 1), parent: stack)
        work.enter(parts[index], stacks.push(rest))
    }

    private mutating func enterRound(
        _ id: Int32,
        _ body: Int32,
        _ count: Int32,
        _ minimum: Int32,
        _ maximum: Int32,
        _ stack: Int32,
        _ work: inout Closing
    ) {
        // Where there is no upper limit, rounds beyond the lower one are all alike.
        let count = maximum < 0 ? min(count, minimum) : count
        let round = stacks.push(Frame(kind: .repetition, place: id, count: count, parent: stack))
        work.fresh.insert(round)
        work.enter(body, round)
    }

    /// The state that an expression is; what is too large isn't allowed, which can't make an output wrong.
    mutating func state(of expression: Int32) -> Int32 { automaton.knownState(of: expression) }
}
