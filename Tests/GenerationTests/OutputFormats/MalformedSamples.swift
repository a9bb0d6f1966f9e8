import OrderedJSON

extension FormatSample {
    /// Outputs with calls that are none, which come back as text.
    static let malformed: [FormatSample] = [
        whole("no JSON", "hermes", "<tool_call>\nget_weather(Paris)\n</tool_call>"),
        whole("JSON without a name", "hermes", #"A <tool_call>{"arguments": {"city": "Paris"}}</tool_call> B"#),
        whole("a function that isn't there", "hermes", #"<tool_call>{"name": "rm", "arguments": {}}</tool_call>"#),
        whole("a name that is no string", "hermes", #"<tool_call>{"name": 1, "arguments": {}}</tool_call>"#),
        whole("arguments that are a list", "hermes", #"<tool_call>{"name": "now", "arguments": [1]}</tool_call>"#),
        whole("a call that is cut off", "hermes", #"Wait. <tool_call>{"name": "get_wea"#),
        whole("an opener alone", "hermes", "Wait. <tool_call>"),
        whole("a list that ends too early", "granite", #"<|tool_call|>[{"name": "now"#),
        whole("an answer in JSON", "llama3_json", #"{"weather": {"city": "Paris", "rain": true}}"#),
        whole("an answer in brackets", "pythonic", "[1, 2, 3] are numbers"),
        whole("a Python call of nothing", "pythonic", "[rain()]"),
        whole("no tag behind the outer one", "qwen3_coder", "<tool_call>\nhello\n</tool_call>"),
        whole("a tag of a function that isn't there", "qwen3_coder", "<tool_call><function=rm></function></tool_call>"),
        whole("a head without arguments", "kimi_k2", "<|tool_calls_section_begin|><|tool_call_begin|>functions.now:0"),
        whole(
            "no call behind Gemma's opener",
            "functiongemma",
            "<start_function_call>get_weather{}<end_function_call>"
        ),
        whole("DeepSeek's section without calls", "deepseek_v31", "<\u{FF5C}tool\u{2581}calls\u{2581}begin\u{FF5C}>Hi"),
        whole("a fence that holds a program", "json", "```json\n{\"a\": [1, 2]}\n```\nThat's it."),
        FormatSample(
            name: "control tokens come back by their names",
            toolParser: "hermes",
            controls: ["<tool_call>", "</tool_call>"],
            output: "A <tool_call>nothing</tool_call> B",
            content: "A <tool_call>nothing B"
        ),
        FormatSample(
            name: "a good call behind a broken one",
            toolParser: "hermes",
            output: #"<tool_call>oh <tool_call>{"name": "now"}</tool_call>"#,
            content: "<tool_call>oh",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "what follows a fault in arguments",
            toolParser: "hermes",
            output: #"<tool_call>{"name": "get_weather", "arguments": {"city": oops}}</tool_call>"#,
            content: "oops}}</tool_call>",
            calls: [Call(name: "get_weather", arguments: [:])]
        ),
        FormatSample(
            name: "text behind calls in a row",
            toolParser: "llama3_json",
            output: #"{"name": "now", "parameters": {}} and so on"#,
            content: "and so on",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "a fault behind a separator",
            toolParser: "llama3_json",
            output: #"{"name": "now", "parameters": {}}; and so on"#,
            content: "; and so on",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "a message to a function that isn't there",
            toolParser: "gpt-oss",
            output: #"<|channel|>commentary to=functions.rm json<|message|>{"a": 1}"#,
            content: #"<|channel|>commentary to=functions.rm json{"a": 1}"#
        ),
        whole("a line that is no function", "glm4_0414", "Weather\n{\"city\": \"Paris\"}"),
        whole("a word of programs", "phi4", "from functools import cache\nfunctools[1]"),
        whole("a function without arguments", "glm4_0414", "now\nit rains"),
        whole("a function in the line of its arguments", "glm4_0414", "now {\"a\": 1}"),
        whole("a name without arguments at the end", "glm4_0414", "now\n"),
        whole("an object with another name", "llama3_json", #"See {"name": "Paris", "is": "big"} there"#),
        whole("lines that are no calls", "olmo3", "<function_calls>now then</function_calls>"),
        whole("text without a head", "gpt-oss", "It rains."),
    ]

    /// A sample that is text as a whole.
    private static func whole(_ name: String, _ parser: String, _ output: String) -> FormatSample {
        FormatSample(name: name, toolParser: parser, output: output, content: output)
    }
}
