package import OrderedJSON

/// `POST /start_profile`, checked and with its defaults.
public struct ProfileRequest: DescribedRequest, Hashable {
    /// Number of the first iteration that is wanted, counted as in `/metrics`.
    public var firstIteration: Int
    /// The most iterations that are wanted.
    public var iterations: Int

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        iterations = try reader.integer("num_steps", in: Self.counts, default: 10_000)
        firstIteration = try reader.integer("start_step", in: 0...Int(Int32.max), default: 0)
        for (index, activity) in (try reader.array("activities", of: .choice(["CPU"])) ?? []).enumerated() {
            let field = "activities[\(index)]"
            let name = try FieldReader.string(activity, field)
            guard name == "CPU" else {
                throw .outOfRange(field: field, value: "'\(name.excerpt)'", allowed: "'CPU', the only processor here")
            }
        }
    }

    /// Iterations of a profile, which takes some kilobytes of its file for each.
    private static let counts = 1...100_000

    /// Whoever sends nothing takes the defaults.
    package static let mayBeAbsent = true

    /// All defaults, and all fields.
    package static let examples: [JSONObject] = [[:], ["num_steps": 20, "start_step": 0, "activities": ["CPU"]]]

    /// Where its file goes.
    package static func hint(_ field: String) -> String? {
        field == "output_dir" ? "profiles go to the directory of --profile_dir" : nil
    }
}
