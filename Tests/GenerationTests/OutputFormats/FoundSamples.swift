import OrderedJSON

extension FormatSample {
    /// Outputs whose form other servers' parsers are tested with.
    static let found: [FormatSample] = [
        FormatSample(
            name: "olmo3, calls in lines",
            toolParser: "olmo3",
            output: "<function_calls>get_weather(city='Martha\\'s Vineyard')\nnow()\n"
                + "get_weather(place={}, units=[])</function_calls>",
            calls: [
                Call(name: "get_weather", arguments: ["city": "Martha's Vineyard"]),
                Call(name: "now", arguments: [:]),
                Call(name: "get_weather", arguments: ["place": [:], "units": []]),
            ]
        ),
        FormatSample(
            name: "olmo3, JSON's literals and no end",
            toolParser: "olmo3",
            output: "<function_calls>get_weather(exact=true, place=null)",
            calls: [Call(name: "get_weather", arguments: ["exact": true, "place": .null])]
        ),
        FormatSample(
            name: "llama4, a list without an end and without spaces",
            toolParser: "llama4_pythonic",
            controls: ["<|python_start|>", "<|python_end|>"],
            output: "<|python_start|>[get_weather(city='LA',exact=True),now()]",
            calls: [
                Call(name: "get_weather", arguments: ["city": "LA", "exact": true]), Call(name: "now", arguments: [:]),
            ]
        ),
        FormatSample(
            name: "llama3, calls behind a text",
            toolParser: "llama3_json",
            output: #"Here they are: {"name": "now", "parameters": {}}; {"name":"now","parameters":{}} Anything else?"#,
            content: "Here they are:Anything else?",
            calls: [Call(name: "now", arguments: [:]), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "llama3, calls in lines",
            toolParser: "llama3_json",
            output:
                "{\"name\": \"now\", \"parameters\": {}}\n{\"name\": \"get_weather\", \"parameters\": {\"days\": 1}}",
            calls: [Call(name: "now", arguments: [:]), Call(name: "get_weather", arguments: ["days": 1])]
        ),
        FormatSample(
            name: "granite 3.1, a tag and arguments in front",
            toolParser: "granite",
            output: "<tool_call> [{\"arguments\": {\"city\": \"Tokyo\"}, \"name\": \"get_weather\"}]",
            calls: [Call(name: "get_weather", arguments: ["city": "Tokyo"])]
        ),
        FormatSample(
            name: "mistral, two lists",
            toolParser: "mistral",
            controls: ["[TOOL_CALLS]"],
            output: #"[TOOL_CALLS] [{"name": "now", "arguments":{}}][TOOL_CALLS] [{"name": "now", "arguments":{}}]"#,
            calls: [Call(name: "now", arguments: [:]), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "kimi_k2, no prefix and a space in front of the arguments",
            toolParser: "kimi_k2",
            output: "Help. <|tool_calls_section_begin|><|tool_call_begin|>get_weather:0 "
                + "<|tool_call_argument_begin|>{\n  \"city\": \"<div>\"\n} <|tool_call_end|><|tool_calls_section_end|>",
            content: "Help.",
            calls: [Call(name: "get_weather", arguments: ["city": "<div>"])]
        ),
        FormatSample(
            name: "hermes, arguments that are text already",
            toolParser: "granite4",
            output: #"<tool_call>{"name": "get_weather", "arguments": "{\"days\": 1}"}</tool_call>"#,
            calls: [Call(name: "get_weather", arguments: ["days": 1])]
        ),
        FormatSample(
            name: "hermes, calls without tags",
            toolParser: "hermes",
            controls: ["<tool_call>", "</tool_call>"],
            output:
                "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n{\"name\": \"now\", \"arguments\": {}}",
            calls: [Call(name: "get_weather", arguments: ["city": "Paris"]), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "hermes, an object that names a function behind a text",
            toolParser: "hermes",
            output: #"So: {"name": "now", "arguments": {}}"#,
            content: #"So: {"name": "now", "arguments": {}}"#
        ),
        FormatSample(
            name: "glm4_0414, two calls",
            toolParser: "glm4_0414",
            controls: ["<|assistant|>"],
            output: "get_weather\n{\"city\": \"Paris\"}<|assistant|>now \n{}",
            calls: [Call(name: "get_weather", arguments: ["city": "Paris"]), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "granite, a text behind a list",
            toolParser: "granite",
            output: "<|tool_call|> [{\"name\": \"now\", \"arguments\": {}}]\nI'll see.",
            content: "I'll see.",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "llama4, a text behind a list",
            toolParser: "llama4_pythonic",
            output: "<|python_start|>[now()] I'll see.",
            content: "I'll see.",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "kimi_k2, a text behind a call without the section's end",
            toolParser: "kimi_k2",
            output: "<|tool_calls_section_begin|><|tool_call_begin|>functions.now:0<|tool_call_argument_begin|>{}"
                + "<|tool_call_end|>I'll see.",
            content: "I'll see.",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "glm4_0414, an answer",
            toolParser: "glm4_0414",
            output: "\nnow it rains.",
            content: "\nnow it rains."
        ),
    ]
}
