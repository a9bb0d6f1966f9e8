import Engine
import Glibc
import HTTPTypes
import OpenAIProtocol
import OrderedJSON

/// What describes the server; none of it waits for the engine.
extension Endpoint {
    /// Whether the server serves.
    static let health = Endpoint(
        .get,
        PathPattern("/health"),
        name: "health",
        "Whether the server is ready.",
        answers: [DescribedAnswer("ready", .none)],
        .atOnce { responder, _ in responder.healthReply() },
    ).open(to: .open).failing(503)

    /// The version.
    static let version = Endpoint(
        .get,
        PathPattern("/version"),
        name: "version",
        "The server's version.",
        answers: [.object("the version", ["version": "string"])],
        .atOnce { responder, _ in responder.versionReply() },
    )

    /// The served model and its adapters, as a list.
    static let models = Endpoint(
        .get,
        PathPattern("/v1/models"),
        name: "listModels",
        "The served model and its adapters.",
        answers: [.object("a list", ["object": "string", "data": "array"])],
        .atOnce { responder, _ in responder.modelsReply() },
    )

    /// One model by its id.
    static let model = Endpoint(
        .get,
        PathPattern("/v1/models/{model}", takesRest: true),
        name: "retrieveModel",
        "The served model or an adapter, by its id.",
        answers: [
            .object("the model", ["id": "string", "object": "string", "created": "integer", "owned_by": "string"])
        ],
        .atOnce { responder, call in responder.modelReply(call.names.first ?? "") },
    ).failing(404)

    /// The iterations since the last read.
    static let metrics = Endpoint(
        .get,
        PathPattern("/metrics"),
        name: "iterationStatistics",
        "The iterations since the last read, which forgets them.",
        answers: [DescribedAnswer("iterations", .json(["type": "array", "items": ["type": "object"]]))],
        .task { responder, _ in .whole(responder.metricsReply()) },
    ).draining

    /// What all endpoints take and answer.
    static let openAPI = Endpoint(
        .get,
        PathPattern("/openapi.json"),
        name: "openapi",
        "This description.",
        answers: [.object("the description", ["openapi": "string", "info": "object", "paths": "object"])],
        .atOnce { responder, _ in Reply(json: responder.description) },
    )

    /// Counters and gauges for Prometheus.
    static let prometheusMetrics = Endpoint(
        .get,
        PathPattern("/prometheus/metrics"),
        name: "prometheusMetrics",
        "Counters, gauges and histograms in Prometheus' text format.",
        answers: [DescribedAnswer("metrics", .text("text/plain"))],
        .atOnce { responder, _ in responder.prometheusReply() },
    )
}

extension Responder {
    /// 200 and nothing, or 503 and why.
    func healthReply() -> Reply {
        switch state.health {
        case .ready: Reply(contentType: nil)
        case .loading(let progress): Reply(.serviceUnavailable, text: progress)
        case .draining: Reply(.serviceUnavailable, text: "the server is shutting down")
        case .stalled:
            Reply(.serviceUnavailable, text: "LLM is unavailable. Please check the server logs for more details.")
        }
    }

    func versionReply() -> Reply {
        Reply(json: JSONValue.object(["version": .string(configuration.version)]).serialized)
    }

    func modelsReply() -> Reply {
        Reply(json: JSONValue.object(["object": "list", "data": .array([modelCard] + adapterCards)]).serialized)
    }

    func modelReply(_ id: String) -> Reply {
        let cards = [modelCard] + adapterCards
        guard let card = cards.first(where: { $0["id"]?.stringValue.map { Array($0.utf8) } == Array(id.utf8) }) else {
            let message =
                "the model '\(id.prefix(Self.shownLength))' isn't served here, '\(configuration.modelName)' is"
            return Reply(error: ErrorBody(status: 404, message: message, type: "NotFoundError", param: "model"))
        }
        return Reply(json: card.serialized)
    }

    private var modelCard: JSONValue {
        [
            "id": .string(configuration.modelName), "object": "model", "created": .integer(time(nil)),
            "owned_by": "tensorrt_llm",
        ]
    }

    /// The adapters that `model` may name.
    private var adapterCards: [JSONValue] {
        (state.model?.adapters?.entries ?? []).filter(\.isModel).map { entry in
            [
                "id": .string(entry.name), "object": "model", "created": .integer(entry.created),
                "owned_by": "tensorrt_llm", "root": .string(entry.path), "parent": .string(configuration.modelName),
            ]
        }
    }

    /// The iterations since the last read, as an array.
    func metricsReply() -> Reply {
        let iterations = state.model?.drainStatistics() ?? []
        return Reply(json: JSONValue.array(iterations.map(\.json)).serialized)
    }

    func prometheusReply() -> Reply {
        let text = PrometheusText(
            model: configuration.modelName,
            requests: metrics.snapshot,
            activity: state.model?.activity(),
            adapterLimit: state.model?.adapters?.mostAtOnce ?? 0,
            ranks: state.model?.ranks?(),
        )
        return Reply(contentType: "text/plain; version=0.0.4; charset=utf-8", body: text.bytes)
    }
}
