/// One model among the GGUF files of a repository: a file, or all files of a split one in order.
struct GGUFModel: Sendable, Hashable {
    /// The path without `.gguf` and without the numbers of a split one.
    let stem: String
    let files: [RepositoryFile]

    /// What is taken when nothing is asked for and there are several: small and still close to the original.
    private static let usual = "Q4_K_M"

    /// All models; what belongs to one but isn't one (projectors for images, statistics for quantizing) is left out, and
    /// so is a split one of which a file is missing.
    static func all(_ files: [RepositoryFile]) -> [GGUFModel] {
        let candidates = files.filter { file in
            let name = file.name.lowercased()
            return name.hasSuffix(".gguf") && !name.hasPrefix("mmproj") && !name.contains("imatrix")
        }
        return NumberedName.completeGroups(of: candidates, suffix: ".gguf").map {
            GGUFModel(stem: $0.name, files: $0.files)
        }
    }

    /// The only model, or the only one of a quantization or with a file's name; without either, the usual quantization.
    ///
    /// - Throws: `HubError.noSuchQuantization` when that isn't exactly one.
    static func choose(
        from models: [GGUFModel],
        selector: String?,
        repository: String,
    ) throws(HubError) -> GGUFModel {
        if selector == nil && models.count == 1 { return models[0] }
        let matches = models.filter { $0.isMatched(by: selector ?? usual) }
        if matches.count == 1 { return matches[0] }
        throw .noSuchQuantization(
            repository: repository,
            selector: selector,
            matches: selector == nil ? [] : matches.map(\.tag),
            choices: models.map(\.tag)
        )
    }

    /// Whether `wanted` is the quantization in its name, or the name of its (first) file.
    private func isMatched(by wanted: String) -> Bool {
        let wanted = wanted.lowercased()
        if files[0].path.lowercased() == wanted || files[0].name.lowercased() == wanted { return true }
        let name = Array(stem.lowercased().utf8)
        let tag = Array(wanted.utf8)
        guard tag.count <= name.count else { return false }
        return (0...name.count - tag.count).contains { start in
            let end = start + tag.count
            let isAfterBorder = start == 0 || "-._/".utf8.contains(name[start - 1])
            // Q4_K isn't Q4_K_M.
            let isBeforeBorder = end == name.count || "-./".utf8.contains(name[end])
            return isAfterBorder && isBeforeBorder && name[start..<end].elementsEqual(tag)
        }
    }

    /// What to write behind the colon for this one: its quantization where the name ends in one, else its file's name.
    private var tag: String {
        let last = stem.split(whereSeparator: { "-./".contains($0) }).last.map(String.init) ?? stem
        let isQuantization = ["Q", "IQ", "TQ", "F", "BF", "MXFP", "NVFP"].contains { prefix in
            last.uppercased().hasPrefix(prefix) && last.dropFirst(prefix.count).first?.isNumber == true
        }
        return isQuantization ? last : String(files[0].name)
    }
}
