import OrderedJSON
internal import RequestParameters

/// The fields of beam search.
extension SamplingFields {
    /// `use_beam_search` with `length_penalty` and `early_stopping`; the width is `best_of`.
    ///
    /// The search draws nothing, so that fields about drawing have no place beside it.
    static func beams(
        _ reader: inout FieldReader,
        width: Int,
        _ parameters: SamplingParameters,
    ) throws(ValidationError) -> BeamSearchParameters? {
        let isWanted = try reader.bool("use_beam_search", default: false)
        var beams = BeamSearchParameters(width: width)
        beams.lengthPenalty = try reader.number("length_penalty", in: .notNegative, default: 1)
        beams.earlyStopping = try earlyStopping(&reader)
        guard isWanted else {
            if beams.lengthPenalty != 1 { throw .needsBeams("length_penalty") }
            if beams.earlyStopping != .heuristic { throw .needsBeams("early_stopping") }
            return nil
        }
        if ![0, 1].contains(parameters.temperature) {
            throw .drawsNothing("temperature", "leave it out, or give 0 or 1")
        }
        if parameters.topK > 1 { throw .drawsNothing("top_k", "leave it out") }
        if parameters.topP < 1 { throw .drawsNothing("top_p", "leave it out") }
        if parameters.minP > 0 { throw .drawsNothing("min_p", "leave it out") }
        return beams
    }

    /// `false`, `true` or `"never"`, or their numbers 0, 1 and 2.
    private static func earlyStopping(
        _ reader: inout FieldReader
    ) throws(ValidationError) -> BeamSearchParameters.EarlyStopping {
        let kind = FieldKind.either([.boolean, .integer(0...2), .choice(["never"])])
        switch reader.given("early_stopping", kind, default: false) {
        case nil: return .heuristic
        case .string("never"), .integer(2): return .never
        case .some(let value):
            do throws(ValidationError) {
                return try FieldReader.bool(value, "early_stopping") ? .whenFull : .heuristic
            } catch {
                throw .wrongType(field: "early_stopping", expected: "a boolean or \"never\"", found: value.kindName)
            }
        }
    }
}

extension ValidationError {
    fileprivate static func needsBeams(_ field: String) -> ValidationError {
        .invalid(field: field, message: "\(field) is for beam search: give use_beam_search too, or leave it out")
    }

    fileprivate static func drawsNothing(_ field: String, _ advice: String) -> ValidationError {
        .invalid(field: field, message: "\(field) has no place beside use_beam_search, which draws nothing: \(advice)")
    }
}
