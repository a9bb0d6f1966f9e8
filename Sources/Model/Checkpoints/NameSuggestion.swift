/// Words for a name that isn't known: what was meant, perhaps, and what there is.
enum NameSuggestion {
    /// Longest part of a stranger's name that is repeated and compared, in characters.
    private static let longestName = 64

    /// "KIND 'NAME' is not supported (did you mean 'NEAREST'?); supported are KNOWN".
    static func message(_ kind: String, _ name: String, known: [String]) -> String {
        let shown = String(name.prefix(longestName))
        let suggestion = nearest(shown, known: known).map { " (did you mean '\($0)'?)" } ?? ""
        return "\(kind) '\(shown)' is not supported\(suggestion); supported are \(known.joined(separator: ", "))"
    }

    /// The known name with the fewest differing letters, if those are at most a third; case and "-_" don't count.
    static func nearest(_ name: String, known: [String]) -> String? {
        let wanted = letters(name)
        let candidates = known.map { (name: $0, distance: distance(wanted, letters($0))) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance * 3 <= max(wanted.count, best.name.count) ? best.name : nil
    }

    private static func letters(_ name: String) -> [Character] {
        name.prefix(longestName).lowercased().filter { $0 != "-" && $0 != "_" }
    }

    /// How many letters must be put in, left out or changed to get from one to the other (Levenshtein 1966).
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = i
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let change = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(change, diagonal + 1, row[j] + 1)
            }
        }
        return row[right.count]
    }
}
