import OrderedJSON

private let paris = FormatSample.Call(name: "get_weather", arguments: ["city": "Paris"])
private let now = FormatSample.Call(name: "now", arguments: [:])

extension FormatSample {
    /// Outputs whose calls are told from a text by their form, and answers that nearly have it.
    static let untagged: [FormatSample] = [
        called("a fence", "hermes", "```json\n{\n  \"name\": \"now\",\n  \"arguments\": {}\n}\n```\n", [now]),
        called(
            "fences one behind the other",
            "hermes",
            "```json\n{\"name\": \"now\", \"arguments\": {}}\n```\n```json\n{\"name\": \"now\", \"arguments\": {}}\n```",
            [now, now]
        ),
        called(
            "a list over lines",
            "hermes",
            "[\n  {\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}},\n"
                + "  {\"name\": \"now\", \"arguments\": {}}\n]",
            [paris, now]
        ),
        called(
            "its type in front",
            "hermes",
            "\n{ \"type\" : \"function\", \"name\" : \"now\" , \"arguments\" : {} }",
            [now]
        ),
        called(
            "the function under another key",
            "llama3_json",
            #"{"type": "function", "function": "now", "parameters": {}}"#,
            [now]
        ),
        called(
            "a tag behind an object",
            "hermes",
            #"{"name": "now", "arguments": {}}<tool_call>{"name": "now"}"#,
            [now, now]
        ),
        called("two lists", "pythonic", "[now()]\n[ now()]", [now, now]),
        answer("no function", "hermes", #"{"name": "Anna", "arguments": {"city": "Oslo"}} {"name": "now"}"#),
        answer("no arguments", "hermes", #"{"name": "now", "is": "here"}"#),
        answer("a function's name alone", "hermes", #"{"name": "now"}"#),
        answer("arguments in front", "hermes", #"{"arguments": {}, "name": "now"}"#),
        answer("arguments that are none", "hermes", #"{"name": "now", "arguments": null}"#),
        answer("an escape in a name", "hermes", #"{"name": "n\u006fw", "arguments": {}}"#),
        answer("a list of objects", "hermes", #"[{"name": "now"}]"#),
        answer("a fence that holds a program", "hermes", "```json\n{\"name\": \"John Doe\",\n  \"age\": 30}\n```"),
        answer("a fence behind a text", "hermes", "So:\n```json\n{\"name\": \"now\", \"arguments\": {}}\n```"),
        answer("another type", "llama3_json", #"{"type": "person", "name": "now", "parameters": {}}"#),
        answer("a space in a name", "pythonic", "[no w()]"),
        answer("a space behind a name", "pythonic", "[now ()]"),
    ]

    private static func called(_ name: String, _ parser: String, _ output: String, _ calls: [Call]) -> FormatSample {
        FormatSample(name: "\(parser), \(name)", toolParser: parser, output: output, calls: calls)
    }

    private static func answer(_ name: String, _ parser: String, _ output: String) -> FormatSample {
        FormatSample(name: "\(parser), \(name)", toolParser: parser, output: output, content: output)
    }
}
