/// One of Unicode's normal forms (UAX #15).
struct NormalForm: Sendable, Equatable {
    /// NFC and NFKC.
    var isComposed: Bool
    /// NFKC and NFKD.
    var isCompatible: Bool

    private struct Element {
        var scalar: UInt32
        var place: Int
        var combiningClass: UInt8
    }

    func normalize(_ text: NormalizedText) -> NormalizedText {
        if text.isASCII { return text }
        var elements: [Element] = []
        elements.reserveCapacity(text.bytes.count)
        let forms = NormalForms.shared
        text.forEachScalar { scalar, place in
            forms.decompose(scalar, compatibly: isCompatible) { part in
                elements.append(
                    Element(scalar: part, place: place.lowerBound, combiningClass: forms.combiningClass(part))
                )
            }
        }
        Self.order(&elements)
        if isComposed { Self.compose(&elements) }
        return text.rewritten { rewriter in
            for element in elements { rewriter.put(element.scalar, from: element.place) }
        }
    }

    /// Puts each run of marks in the order of their classes, equal ones as they were.
    private static func order(_ elements: inout [Element]) {
        var from = 0
        while from < elements.count {
            if elements[from].combiningClass == 0 {
                from += 1
                continue
            }
            var end = from + 1
            var isInOrder = true
            while end < elements.count, elements[end].combiningClass != 0 {
                if elements[end].combiningClass < elements[end - 1].combiningClass { isInOrder = false }
                end += 1
            }
            if !isInOrder {
                // Swift's sort is stable.
                elements[from..<end].sort { $0.combiningClass < $1.combiningClass }
            }
            from = end
        }
    }

    private static func compose(_ elements: inout [Element]) {
        var kept = 0
        var starter: Int?
        var lastClass: UInt8 = 0
        for element in elements {
            if let starter, kept == starter + 1 || (lastClass != 0 && lastClass < element.combiningClass),
                let joined = NormalForms.shared.composition(elements[starter].scalar, element.scalar)
            {
                elements[starter].scalar = joined
                continue
            }
            if element.combiningClass == 0 { starter = kept }
            lastClass = element.combiningClass
            elements[kept] = element
            kept += 1
        }
        elements.removeLast(elements.count - kept)
    }
}
