/// All stacks of a grammar's outputs, each frame stored once, so that stacks are equal where their numbers are.
struct StackTable: Sendable {
    private(set) var frames: [Frame] = [Frame(kind: .bottom)]
    /// Sets of members' numbers.
    private(set) var sets: [NumberSet] = []
    /// Where the readings that come after each frame lie among `readings`: first, and number of them; -1: not known yet.
    private var following: [(start: Int32, count: Int32)] = [(-1, 0)]
    private var readings: [Reading] = []
    private var numbers = InternTable()
    private var setNumbers: [NumberSet: Int32] = [:]
    private var lists: [[Int32]] = []
    private var listNumbers: [[Int32]: Int32] = [:]

    /// Bytes of lists and sets.
    private var listBytes = 0

    /// Roughly how many bytes it takes.
    var byteCount: Int { frames.count * 64 + readings.count * 8 + listBytes }

    func frame(_ number: Int32) -> Frame { frames[Int(number)] }
    func set(_ number: Int32) -> NumberSet { sets[Int(number)] }

    /// The stack with a frame on top of its parent.
    mutating func push(_ frame: Frame) -> Int32 {
        let hash = frame.hash
        if let known = numbers.find(hash, isSame: { frames[Int($0)] == frame }) { return known }
        let number = Int32(frames.count)
        frames.append(frame)
        following.append((-1, 0))
        numbers.insert(hash, number)
        return number
    }

    /// The number of a set.
    mutating func number(of set: NumberSet) -> Int32 {
        if let known = setNumbers[set] { return known }
        let number = Int32(sets.count)
        sets.append(set)
        listBytes += set.words.count * 8 + 96
        setNumbers[set] = number
        return number
    }

    /// A list of stacks.
    func stackList(_ number: Int32) -> [Int32] { lists[Int(number)] }

    /// The number of a list of stacks.
    mutating func number(of list: [Int32]) -> Int32 {
        if let known = listNumbers[list] { return known }
        let number = Int32(lists.count)
        lists.append(list)
        listBytes += list.count * 4 + 96
        listNumbers[list] = number
        return number
    }

    /// Where what comes after a frame lies; nil if it isn't known yet.
    @inline(__always)
    func known(_ number: Int32) -> Range<Int>? {
        let place = following[Int(number)]
        return place.start < 0 ? nil : Int(place.start)..<Int(place.start + place.count)
    }

    /// One of the readings that come after a frame.
    @inline(__always)
    func reading(_ place: Int) -> Reading { readings[place] }

    /// Keeps what comes after a frame.
    mutating func remember(_ number: Int32, _ list: [Reading]) -> Range<Int> {
        let start = readings.count
        following[Int(number)] = (Int32(start), Int32(list.count))
        readings.append(contentsOf: list)
        return start..<readings.count
    }
}
