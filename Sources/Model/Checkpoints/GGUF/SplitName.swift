/// The name of one file of a split checkpoint: `PREFIX-00001-of-00003.gguf`.
struct SplitName: Equatable {
    /// Everything before the numbers, directories included.
    var prefix: String
    /// Which file, from 1.
    var number: Int
    /// How many files.
    var count: Int

    /// `nil` if the name isn't of that form.
    init?(_ name: String) {
        let suffix = "-00001-of-00001.gguf"
        guard name.hasSuffix(".gguf"), name.utf8.count > suffix.utf8.count else { return nil }
        let tail = Array(name.utf8.suffix(suffix.utf8.count))
        guard tail[0] == UInt8(ascii: "-"), Array(tail[6..<10]) == Array("-of-".utf8),
            let number = Self.number(tail[1..<6]), let count = Self.number(tail[10..<15]), number >= 1, number <= count
        else { return nil }
        prefix = String(decoding: name.utf8.dropLast(suffix.utf8.count), as: UTF8.self)
        self.number = number
        self.count = count
    }

    /// The name of another file of the same checkpoint.
    func file(_ number: Int) -> String { "\(prefix)-\(Self.digits(number))-of-\(Self.digits(count)).gguf" }

    private static func digits(_ number: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, 5 - text.utf8.count)) + text
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
