import Glibc
import HTTPTypes
import OpenAIProtocol
import OrderedJSON

/// What describes the server; none of it waits for the engine.
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
        Reply(json: JSONValue.object(["object": "list", "data": [modelCard]]).serialized)
    }

    func modelReply(_ id: String) -> Reply {
        guard Array(id.utf8) == Array(configuration.modelName.utf8) else {
            let message =
                "the model '\(id.prefix(Self.shownLength))' isn't served here, '\(configuration.modelName)' is"
            return Reply(error: ErrorBody(status: 404, message: message, type: "NotFoundError", param: "model"))
        }
        return Reply(json: modelCard.serialized)
    }

    private var modelCard: JSONValue {
        [
            "id": .string(configuration.modelName), "object": "model", "created": .integer(time(nil)),
            "owned_by": "tensorrt_llm",
        ]
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
            ranks: state.model?.ranks?(),
        )
        return Reply(contentType: "text/plain; version=0.0.4; charset=utf-8", body: text.bytes)
    }
}
