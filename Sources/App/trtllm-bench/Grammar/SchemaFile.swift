internal import Foundation
package import OrderedJSON

/// A schema and instances that are known to obey it or not.
package struct SchemaFile: Sendable {
    /// An instance and its verdict.
    package struct Instance: Sendable {
        /// The value.
        package let data: JSONValue
        /// Whether the schema allows it.
        package let isValid: Bool
    }

    /// The file's name.
    package let name: String
    /// The schema.
    package let schema: JSONValue
    /// The instances, in order.
    package let instances: [Instance]

    /// What a file's text says; `nil` if it has no schema.
    package init?(name: String, _ value: JSONValue) {
        guard let schema = value["schema"] else { return nil }
        self.name = name
        self.schema = schema
        instances = (value["tests"]?.arrayValue ?? []).compactMap { test in
            guard let data = test["data"], let isValid = test["valid"]?.boolValue else { return nil }
            return Instance(data: data, isValid: isValid)
        }
    }

    /// The files of a directory by their names; those without a schema are left out.
    static func files(in directory: String, limit: Int?) throws -> [SchemaFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".json") }
        var files: [SchemaFile] = []
        for name in names.sorted().prefix(limit ?? .max) {
            let data = try Data(contentsOf: URL(filePath: directory).appending(path: name))
            if let file = SchemaFile(name: name, try JSONParser.parse([UInt8](data))) { files.append(file) }
        }
        return files
    }
}
