import OrderedJSON

/// The fields of the API that change no output here: documented ones that are accepted, and ones to come that are
/// refused by name unless they hold what has no effect.
enum InertFields {
    /// Documented by OpenAI or the reference; whatever they hold is accepted.
    private static let accepted = [
        "user", "metadata", "store", "service_tier", "prompt_cache_key", "prompt_cache_options",
        "prompt_cache_retention", "safety_identifier", "prediction", "verbosity", "priority",
        "conversation_params", "guided_decoding_backend",
    ]

    /// Not done yet; accepted when `null`, empty, or one of the given values.
    private static let refused: [(key: String, harmless: [JSONValue])] = [
        ("disaggregated_params", []),
        ("prompt_ignore_length", [0]),
        ("kv_transfer_params", []),
        ("vllm_xargs", []),
        ("guided_whitespace_pattern", []),
        ("prompt_embeds", []),
        ("thinking_token_budget", []),
        ("functions", []),
        ("function_call", ["none"]),
        ("modalities", [["text"]]),
        ("audio", []),
        ("web_search_options", []),
        ("media_io_kwargs", []),
        ("mm_processor_kwargs", []),
        ("prompt_token_ids_b64", []),
        ("agent_hierarchy", []),
    ]

    /// Those that only chats have.
    private static let ofChats: Set<String> = [
        "functions", "function_call", "modalities", "audio", "web_search_options", "media_io_kwargs",
        "mm_processor_kwargs",
        "prompt_token_ids_b64", "agent_hierarchy", "prediction", "verbosity",
    ]

    /// Those that chats have read already, or have not at all.
    private static let ofCompletions: Set<String> = ["thinking_token_budget", "prompt_embeds"]

    /// Reads all of them.
    static func check(_ reader: inout FieldReader, isChat: Bool) throws(ValidationError) {
        for key in accepted where isChat || !ofChats.contains(key) { _ = reader.value(key) }
        for (key, harmless) in refused where !(isChat ? ofCompletions : ofChats).contains(key) {
            guard let value = reader.given(key), !isEmpty(value), !harmless.contains(value) else { continue }
            throw .unsupported(field: key)
        }
        try checkModeration(&reader)
    }

    /// Scores of a moderation model may be asked for in vain; what it finds may not be blocked in vain.
    private static func checkModeration(_ reader: inout FieldReader) throws(ValidationError) {
        guard let policy = try reader.object("moderation")?["policy"] else { return }
        for side in ["input", "output"] where policy[side]?["mode"] == "block" {
            let field = "moderation.policy.\(side).mode"
            throw .invalid(field: field, message: "\(field) 'block' is not supported yet")
        }
    }

    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        case .string(let text): text.isEmpty
        case .null, .bool, .integer, .number: false
        }
    }
}
