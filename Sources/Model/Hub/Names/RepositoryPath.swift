/// What a file of a repository may be called: a hub's word that becomes a path on this machine.
enum RepositoryPath {
    private static let longest = 1024
    private static let longestPart = 240

    /// Why a name can't be used, or `nil`.
    static func fault(_ path: String) -> String? {
        guard (1...longest).contains(path.utf8.count) else { return "it must have from 1 to \(longest) bytes" }
        guard path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" }) else {
            return "it has a control character or a backslash"
        }
        for part in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if part.isEmpty || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) {
                return "it has a part that is empty, '.' or '..'"
            }
            if part.count > longestPart { return "it has a part of more than \(longestPart) bytes" }
        }
        return nil
    }
}
