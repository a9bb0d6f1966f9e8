internal import Foundation

/// A proxy between this machine and the hub: `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, unless `NO_PROXY` has the hub.
struct HubProxy: Sendable, Hashable {
    let host: String
    let port: Int
    /// User and password, when the proxy wants them.
    let user: String?
    let password: String?

    /// The proxy for a hub; `nil` when it is to be asked directly, as this machine itself always is.
    ///
    /// - Throws: `HubError.invalidSetting` naming the variable; not its value, which may hold a password.
    static func find(_ variables: HubVariables, for hub: HubEndpoint.Origin) throws(HubError) -> HubProxy? {
        if ["localhost", "127.0.0.1", "::1", "[::1]"].contains(hub.host) || isExempt(hub.host, variables) {
            return nil
        }
        for name in ["\(hub.scheme)_proxy", "all_proxy"] {
            for name in [name, name.uppercased()] {
                if let text = variables.text(name) { return try HubProxy(text, variable: name) }
            }
        }
        return nil
    }

    private init(_ text: String, variable: String) throws(HubError) {
        guard let url = URL(string: text.contains("://") ? text : "http://\(text)"), url.scheme?.lowercased() == "http",
            let origin = HubEndpoint.Origin(url)
        else {
            throw .invalidSetting(variable: variable, reason: "an address like http://proxy:3128 is wanted")
        }
        host = origin.host
        port = origin.port
        user = url.user
        password = url.password
    }

    /// Whether `NO_PROXY` has a host or a domain above it, or `*`.
    private static func isExempt(_ host: String, _ variables: HubVariables) -> Bool {
        let list = variables.text("no_proxy") ?? variables.text("NO_PROXY") ?? ""
        return list.lowercased().split { $0 == "," || $0 == " " }.contains { entry in
            let domain = entry.drop { $0 == "." }
            return entry == "*" || host == domain || host.hasSuffix(".\(domain)")
        }
    }
}
