/// BERT's normalization of 2018 (arXiv:1810.04805): cleaning, spaces around ideographs, accents off, lower case.
struct BertNormalizer: Sendable {
    var cleansText = true
    var spacesIdeographs = true
    var stripsAccents = true
    var lowercases = true

    func normalize(_ text: NormalizedText) -> NormalizedText {
        var text = text
        if cleansText { text = text.mapScalars(Self.clean) }
        if spacesIdeographs, !text.isASCII { text = Self.spaceIdeographs(text) }
        if stripsAccents, !text.isASCII {
            text = NormalForm(isComposed: false, isCompatible: false).normalize(text)
            text = text.mapScalars { LibrarySets.nonspacingMarks.contains($0) ? .drop : .keep }
        }
        return lowercases ? Normalizer.lowercase(text) : text
    }

    private static func clean(_ scalar: UInt32) -> NormalizedText.ScalarChange {
        if (0x21..<0x7F).contains(scalar) { return .keep }
        if LibrarySets.dropped.contains(scalar) { return .drop }
        return CharacterClassTable.latest[scalar].contains(.whitespace) ? .replace([0x20]) : .keep
    }

    private static func spaceIdeographs(_ text: NormalizedText) -> NormalizedText {
        text.rewritten { rewriter in
            text.forEachScalar { scalar, place in
                let isIdeograph = LibrarySets.ideographs.contains(scalar)
                if isIdeograph { rewriter.put([0x20], from: place.lowerBound) }
                rewriter.copy(place)
                if isIdeograph { rewriter.put([0x20], from: place.lowerBound) }
            }
        }
    }
}
