public import OpenAIProtocol

/// The HTTP side's settings; times in seconds.
public struct ServingConfiguration: Sendable {
    /// The address to listen on; `localhost` is both loopback addresses.
    public var host: String
    /// The port; 0 takes a free one.
    public var port: Int
    /// The model's id in `/v1/models`.
    public var modelName: String
    /// What `/version` answers.
    public var version: String
    /// Largest request body in bytes; more is a 413.
    public var maxBodyBytes = 16 << 20
    /// Most bytes of all bodies that are being read or worked on; more are told to come back.
    public var maxPendingBodyBytes = 160 << 20
    /// Most connections at once; more wait to be accepted.
    public var maxConnections = 1024
    /// A connection whose client takes nothing of its answers for so long is closed.
    public var unreadTimeout: Double = 60
    /// Origins whose pages may use the API; `*` is all of them.
    public var corsOrigins: [String] = []
    /// Names that `Host` may hold beside the addresses listened on; `*` is all of them.
    public var allowedHosts: [String] = []
    /// The keys that let requests in; none: everybody is let in.
    public var apiKeys: [String] = []
    /// What the server answers.
    package var endpoints = Endpoint.all
    /// Most requests that `/perf_metrics` remembers; 0: none.
    public var timedRequests = 0
    /// Where profiles go; `nil`: none can be taken.
    public var profileDirectory: String?
    /// Most responses that are kept to be had again; 0: none is.
    public var maxStoredResponses = 1024
    /// Most bytes of all of them.
    public var maxStoredResponseBytes = 64 << 20
    /// How long a response is kept.
    public var storedResponseSeconds: Double = 3600
    /// Bounds on what one request may ask for.
    public var limits = RequestLimits()
    /// A connection on which nothing arrives for so long between requests, or inside one, is closed.
    public var idleTimeout: Double = 60
    /// A request whose body hasn't arrived whole after so long is a 408.
    public var bodyTimeout: Double = 60
    /// A stream silent for so long after its beginning gets its first comment line.
    public var firstCommentDelay: Double = 3
    /// Further comments come after so much silence.
    public var commentInterval: Double = 10
    /// The engine counts as stalled when it has work but hasn't ticked for so long.
    public var stallTimeout: Double = 120
    /// What a client is told to wait when it is refused for now.
    public var retryAfter = 1
    /// How long running requests may take to end once shutdown has begun.
    public var drainTimeout: Double = 30
    /// Threads of the event loops.
    public var eventLoopThreads = 1

    /// Settings with defaults for all but what names the service.
    public init(host: String = "localhost", port: Int = 8000, modelName: String, version: String) {
        self.host = host
        self.port = port
        self.modelName = modelName
        self.version = version
    }
}

extension ServingConfiguration {
    /// Bounds on the responses that are kept.
    var storedResponses: ResponseStore.Limits {
        ResponseStore.Limits(count: maxStoredResponses, bytes: maxStoredResponseBytes, seconds: storedResponseSeconds)
    }
}
