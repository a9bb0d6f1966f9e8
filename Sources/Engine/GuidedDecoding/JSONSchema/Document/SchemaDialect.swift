/// Which draft of JSON Schema a document is written in, as far as the drafts read the same keywords differently.
enum SchemaDialect: Sendable {
    /// Draft 3 or 4: `id`, boolean `exclusiveMinimum`; what stands beside a `$ref` doesn't count.
    case draft4
    /// Draft 6 or 7: `$id`; what stands beside a `$ref` doesn't count.
    case draft7
    /// 2019-09 and 2020-12, and documents that don't say: what stands beside a `$ref` counts too.
    case current

    /// The dialect that a `$schema` names; unknown names are read as the newest.
    init(schema: String?) {
        guard let schema else {
            self = .current
            return
        }
        if ["draft-03", "draft-04"].contains(where: { schema.contains($0) }) {
            self = .draft4
        } else if ["draft-05", "draft-06", "draft-07"].contains(where: { schema.contains($0) }) {
            self = .draft7
        } else {
            self = .current
        }
    }

    /// Whether keywords beside a `$ref` are ignored.
    var ignoresReferenceSiblings: Bool { self != .current }

    /// The keyword that names a schema's address.
    var identifierKeyword: String { self == .draft4 ? "id" : "$id" }
}
