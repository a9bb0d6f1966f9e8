internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Requests and their redirects; it decides who sees the token.
struct HubTransport: Sendable {
    let settings: HubSettings
    private let client: HTTPClient
    private let userAgent: String

    private static let mostRedirects = 5
    /// How long a connection, and an answer's head, may take.
    private static let patience = TimeAmount.seconds(20)
    /// How long nothing may come of a body.
    private static let idlePatience = TimeAmount.seconds(60)

    /// A client that must be shut down.
    init(settings: HubSettings, userAgent: String) throws(HubError) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: Self.patience, read: Self.idlePatience),
        )
        // Several files at once are several connections, each at its own pace.
        configuration.httpVersion = .http1Only
        // The pace of trying again is ours.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let file = settings.certificates { configuration.tlsConfiguration = try Self.tls(trusting: file) }
        if let proxy = settings.proxy {
            let authorization = proxy.user.map { user in
                HTTPClient.Authorization.basic(username: user, password: proxy.password ?? "")
            }
            configuration.proxy = .server(host: proxy.host, port: proxy.port, authorization: authorization)
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.settings = settings
        self.userAgent = userAgent
    }

    /// Closes its connections.
    func shutdown() async { try? await client.shutdown() }

    private static func tls(trusting file: String) throws(HubError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
        } catch {
            throw .invalidSetting(
                variable: "SSL_CERT_FILE or REQUESTS_CA_BUNDLE",
                reason: "\(file): \(error)".shortened
            )
        }
        return tls
    }

    /// Sends a request and follows redirects.
    ///
    /// The token goes to the hub's own origin only. A `HEAD` isn't followed to other hosts: what the hub says of the file
    /// is in the redirect itself.
    ///
    /// - Throws: `HubError.unreachable`, or `refused` for a redirect that leads nowhere or gives up encryption.
    func send(_ method: HTTPMethod, _ address: String, headers: HTTPHeaders = [:]) async throws -> HubAnswer {
        guard var url = URL(string: address) else {
            throw HubError.refused(what: address.shortened, status: 0, reason: "it isn't an address")
        }
        var redirectHeaders: HTTPHeaders?
        for _ in 0...Self.mostRedirects {
            var answer = try await exchange(method, url, headers)
            answer.redirectHeaders = redirectHeaders
            guard let target = answer.location(from: url) else { return answer }
            guard let origin = HubEndpoint.Origin(target), origin.scheme == "https" || url.scheme == "http" else {
                let reason = "it is sent on to an address that isn't HTTPS"
                throw HubError.refused(what: address, status: answer.status, reason: reason)
            }
            if method == .HEAD && origin != settings.endpoint.origin { return answer }
            if answer.isHub { redirectHeaders = answer.headers }
            _ = try? await answer.body.collect(upTo: 1 << 16)
            url = target
        }
        throw HubError.refused(what: address, status: 302, reason: "more than \(Self.mostRedirects) redirects")
    }

    private func exchange(_ method: HTTPMethod, _ url: URL, _ headers: HTTPHeaders) async throws -> HubAnswer {
        let isHub = HubEndpoint.Origin(url) == settings.endpoint.origin
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = method
        request.headers = headers
        request.headers.add(name: "User-Agent", value: userAgent)
        // Bytes on the way are bytes of the file: sizes and ranges mean those.
        request.headers.add(name: "Accept-Encoding", value: "identity")
        if isHub, let token = settings.token {
            request.headers.add(name: "Authorization", value: "Bearer \(token.secret)")
        }
        let response = try await Self.reaching(url.host ?? "") {
            try await client.execute(request, timeout: Self.patience)
        }
        return HubAnswer(
            status: Int(response.status.code),
            headers: response.headers,
            redirectHeaders: nil,
            body: response.body,
            isHub: isHub,
        )
    }

    /// Does something with the network and says of its failures that they are the network's.
    static func reaching<Value>(_ host: String, _ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as HubError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw HubError.unreachable(host: host, reason: reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        let reason = (error as? HTTPClientError)?.shortDescription ?? "\(error)"
        let untrusted = "CERTIFICATE_VERIFY_FAILED"
        return reason.contains(untrusted) ? "its certificate isn't trusted (\(untrusted))" : reason.shortened
    }
}
