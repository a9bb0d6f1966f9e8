import HTTPTypes
import OpenAIProtocol
import OrderedJSON

/// Profiles of what the engine does when.
extension Endpoint {
    /// Begins one.
    static let startProfile = Endpoint(
        post: "/start_profile",
        name: "startProfile",
        "Begins to write what iterations do when to a file of --profile_dir.",
        answers: profileAnswers,
    ) { responder, request, model in
        guard let path = try await responder.profiling.start(request, model) else {
            return .whole(profileConflict("a profile is being taken already"))
        }
        return .whole(profileReply("Profiling started", path))
    }

    /// Ends it.
    static let stopProfile = Endpoint(
        .post,
        PathPattern("/stop_profile"),
        name: "stopProfile",
        "Ends the profile and says where it is.",
        answers: profileAnswers,
        .task { responder, _ in
            guard let path = try await responder.profiling.stop() else {
                return .whole(profileConflict("no profile is being taken"))
            }
            return .whole(profileReply("Profiling stopped", path))
        },
    ).failing(500)

    private static let profileAnswers = [
        DescribedAnswer.object("the file", ["message": "string", "path": "string"]),
        DescribedAnswer(
            status: 409,
            "a profile is being taken, or none is",
            .json(DescribedAnswer.schema(["success": "boolean", "message": "string"]))
        ),
    ]

    private static func profileReply(_ message: String, _ path: String) -> Reply {
        let body: JSONObject = ["message": .string(message), "path": .string(path)]
        return Reply(json: JSONValue.object(body).serialized)
    }

    private static func profileConflict(_ message: String) -> Reply {
        let body: JSONObject = ["success": false, "message": .string(message)]
        var reply = Reply(json: JSONValue.object(body).serialized)
        reply.status = .conflict
        return reply
    }
}
