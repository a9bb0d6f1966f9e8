import NIOHTTP1

/// All endpoints, found by path.
package struct EndpointTable: Sendable {
    /// The endpoints of a path that a request names.
    struct Match: Sendable {
        /// One for each method of the path; at least one.
        let endpoints: [Endpoint]
        /// What the path has in the places of the pattern.
        let names: [String]

        /// The path as the table has it, for metrics.
        var path: String { endpoints.first?.path.text ?? "" }
        /// How errors look there.
        var errors: ErrorShape { endpoints.first?.errors ?? .openAI }

        /// The methods that the path takes, in the order of the table.
        var methods: [String] {
            endpoints.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] }
        }

        /// What answers a method.
        func endpoint(for method: HTTPMethod) -> Endpoint? {
            let name = method == .HEAD ? "GET" : method.rawValue
            return endpoints.first { $0.method.rawValue == name }
        }
    }

    /// The endpoints in the order given.
    package let endpoints: [Endpoint]
    private let fixed: [String: [Endpoint]]
    private let patterns: [(pattern: PathPattern, endpoints: [Endpoint])]

    /// A table; of a method and a path that are there twice the first counts.
    package init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        fixed = Dictionary(grouping: endpoints.filter { $0.path.names.isEmpty }) { $0.path.text }
        var patterns: [(pattern: PathPattern, endpoints: [Endpoint])] = []
        for endpoint in endpoints where !endpoint.path.names.isEmpty {
            if let index = patterns.firstIndex(where: { $0.pattern == endpoint.path }) {
                patterns[index].endpoints.append(endpoint)
            } else {
                patterns.append((endpoint.path, [endpoint]))
            }
        }
        self.patterns = patterns
    }

    /// The endpoints of a path without its query.
    func match(_ path: Substring) -> Match? {
        if let endpoints = fixed[String(path)] { return Match(endpoints: endpoints, names: []) }
        for (pattern, endpoints) in patterns {
            if let names = pattern.match(path) { return Match(endpoints: endpoints, names: names) }
        }
        return nil
    }
}
