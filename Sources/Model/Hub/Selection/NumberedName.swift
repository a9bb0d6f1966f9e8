/// The name of one of several files that belong together, `NAME-00002-of-00003.SUFFIX`, or of a file by itself.
struct NumberedName: Sendable, Hashable {
    /// The name without numbers and suffix, folders included.
    private(set) var name: String
    /// Which file, from 1.
    private(set) var number = 1
    /// How many there are.
    private(set) var count = 1
    /// Whether it has numbers.
    private(set) var isNumbered = false

    private static let mostFiles = 10_000

    /// Reads a path that ends in `suffix`.
    init(_ path: String, suffix: String) {
        name = String(path.dropLast(suffix.count))
        let tail = name.suffix("-00001-of-00001".count)
        let fields = tail.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count == 4, fields[0].isEmpty, fields[2] == "of", let number = Self.number(fields[1]),
            let count = Self.number(fields[3]), (1...Self.mostFiles).contains(count), (1...count).contains(number)
        else { return }
        name = String(name.dropLast(tail.count))
        (self.number, self.count, isNumbered) = (number, count, true)
    }

    private static func number(_ digits: Substring) -> Int? {
        let isDecimal = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.utf8.count == 5 && isDecimal ? Int(digits) : nil
    }

    /// The files of each name in order, without those that lack a number.
    static func completeGroups(of files: [RepositoryFile], suffix: String) -> [(name: String, files: [RepositoryFile])]
    {
        struct Key: Hashable { let name: String, count: Int, isNumbered: Bool }
        var groups: [Key: [(number: Int, file: RepositoryFile)]] = [:]
        for file in files {
            let name = NumberedName(file.path, suffix: suffix)
            let key = Key(name: name.name, count: name.count, isNumbered: name.isNumbered)
            groups[key, default: []].append((name.number, file))
        }
        let complete = groups.filter { $0.value.count == $0.key.count }
        return complete.map { ($0.key.name, $0.value.sorted { $0.number < $1.number }.map(\.file)) }
            .sorted { $0.name < $1.name }
    }
}
