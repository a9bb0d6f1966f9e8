import OrderedJSON

private let paris: JSONValue = ["city": "Paris"]
private let oslo: JSONValue = ["city": "Oslo", "days": 2]
private let bar = "\u{FF5C}"
private let gap = "\u{2581}"

extension FormatSample {
    /// Outputs in every format, as its models write them.
    static let wellFormed: [FormatSample] = json + headed + tagged + others + thoughts + found + untagged

    private static let json: [FormatSample] = [
        FormatSample(
            name: "hermes, two calls behind text",
            toolParser: "hermes",
            output: """
                I'll look it up.
                <tool_call>
                {"name": "get_weather", "arguments": {"city": "Paris"}}
                </tool_call>
                <tool_call>
                {"name": "get_weather", "arguments": {"city": "Oslo", "days": 2}}
                </tool_call>
                """,
            content: "I'll look it up.",
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "get_weather", arguments: oslo)]
        ),
        FormatSample(
            name: "hermes, tags as control tokens and quoted in an argument",
            toolParser: "qwen3",
            controls: ["<tool_call>", "</tool_call>", "<|im_end|>"],
            output: #"<tool_call>{"arguments": {"city": "a<b\"c\"} \u00e9 日本"}, "name": "get_weather"}</tool_call>"#,
            calls: [Call(name: "get_weather", arguments: ["city": "a<b\"c\"} é 日本"])]
        ),
        FormatSample(
            name: "hermes, a closing tag inside of a string",
            toolParser: "hermes",
            output: #"<tool_call>{"name":"get_weather","arguments":{"city":"</tool_call>"}}</tool_call> done"#,
            content: "done",
            calls: [Call(name: "get_weather", arguments: ["city": "</tool_call>"])]
        ),
        FormatSample(
            name: "hermes, arguments as a string, and none",
            toolParser: "hermes",
            output: #"<tool_call>{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}</tool_call>"#
                + #"<tool_call>{"name":"now"}</tool_call>"#,
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "hermes, a line feed inside of a string",
            toolParser: "hermes",
            output: "<tool_call>{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Pa\nris\"}}</tool_call>",
            calls: [Call(name: "get_weather", arguments: ["city": "Pa\nris"])]
        ),
        FormatSample(
            name: "granite",
            toolParser: "granite",
            controls: ["<|tool_call|>"],
            output: #"<|tool_call|>[{"name": "get_weather", "arguments": {"city": "Paris"}}, {"name": "now"}]"#,
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "phi4, behind its word",
            toolParser: "phi4",
            output: #"functools[{"name": "get_weather", "arguments": {"city": "Paris"}}]"#,
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "phi4, between control tokens",
            toolParser: "phi4",
            controls: ["<|tool_call|>", "<|/tool_call|>"],
            output: #"<|tool_call|>[{"name": "get_weather", "parameters": {"city": "Paris"}}]<|/tool_call|>"#,
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "command-r",
            toolParser: "command-r",
            reasoningParser: "command-r",
            controls: ["<|START_THINKING|>", "<|END_THINKING|>", "<|START_ACTION|>", "<|END_ACTION|>"],
            output: """
                <|START_THINKING|>I need the weather.<|END_THINKING|><|START_ACTION|>[
                    {"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Paris"}}
                ]<|END_ACTION|>
                """,
            reasoning: "I need the weather.",
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "command-r, an answer",
            toolParser: "command-r",
            reasoningParser: "command-r",
            controls: ["<|START_RESPONSE|>", "<|END_RESPONSE|>"],
            output: "<|START_RESPONSE|>It rains.<|END_RESPONSE|>",
            content: "It rains."
        ),
        FormatSample(
            name: "command-r, fenced",
            toolParser: "command-r",
            output: "Action: ```json\n[{\"tool_name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}]\n```",
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "llama3_json, bare",
            toolParser: "llama3_json",
            output: #"{"name": "get_weather", "parameters": {"city": "Paris"}}; {"name": "now", "parameters": {}}"#,
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "llama3_json, behind its token",
            toolParser: "llama3_json",
            controls: ["<|python_tag|>"],
            output: #"<|python_tag|>{"type": "function", "function": "get_weather", "parameters": {"city": "Paris"}}"#,
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "mistral, a list",
            toolParser: "mistral",
            controls: ["[TOOL_CALLS]"],
            output: #"[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris"}, "id": "abcdefghi"}]"#,
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "json, fenced",
            toolParser: "json",
            output: "```json\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n```",
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "json, bare list",
            toolParser: "json",
            output: #"[{"name": "get_weather", "arguments": {"city": "Paris"}}, {"name": "now", "arguments": {}}]"#,
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "now", arguments: [:])]
        ),
    ]

    private static let headed: [FormatSample] = [
        FormatSample(
            name: "mistral, names and arguments",
            toolParser: "mistral",
            reasoningParser: "mistral",
            controls: ["[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "[THINK]", "[/THINK]"],
            output: #"[THINK]Hm.[/THINK]Well. [TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}[TOOL_CALLS]now[ARGS]{}"#,
            reasoning: "Hm.",
            content: "Well.",
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "mistral, a name and an id",
            toolParser: "mistral",
            controls: ["[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"],
            output: #"[TOOL_CALLS]get_weather[CALL_ID]123456789[ARGS]{"city": "Paris"}"#,
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "mistral, a name in front of the arguments' brace",
            toolParser: "mistral",
            controls: ["[TOOL_CALLS]"],
            output: #"[TOOL_CALLS]get_weather{"city": "Paris"}"#,
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "deepseek_v3",
            toolParser: "deepseek_v3",
            reasoningParser: "deepseek-r1",
            controls: deepSeekControls,
            output: """
                Let me see.</think>

                One moment.<\(bar)tool\(gap)calls\(gap)begin\(bar)><\(bar)tool\(gap)call\(gap)begin\(bar)>function<\(bar)tool\(gap)sep\(bar)>get_weather
                ```json
                {"city": "Paris"}
                ```<\(bar)tool\(gap)call\(gap)end\(bar)>
                <\(bar)tool\(gap)call\(gap)begin\(bar)>function<\(bar)tool\(gap)sep\(bar)>now
                ```json
                {}
                ```<\(bar)tool\(gap)call\(gap)end\(bar)><\(bar)tool\(gap)calls\(gap)end\(bar)>
                """,
            reasoning: "Let me see.",
            content: "One moment.",
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "deepseek_v31",
            toolParser: "deepseek_v31",
            controls: deepSeekControls,
            output: "<\(bar)tool\(gap)calls\(gap)begin\(bar)><\(bar)tool\(gap)call\(gap)begin\(bar)>get_weather"
                + "<\(bar)tool\(gap)sep\(bar)>{\"city\": \"Paris\"}<\(bar)tool\(gap)call\(gap)end\(bar)>"
                + "<\(bar)tool\(gap)call\(gap)begin\(bar)>get_weather<\(bar)tool\(gap)sep\(bar)>"
                + "{\"city\": \"Oslo\", \"days\": 2}<\(bar)tool\(gap)call\(gap)end\(bar)><\(bar)tool\(gap)calls\(gap)end\(bar)>",
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "get_weather", arguments: oslo)]
        ),
        FormatSample(
            name: "kimi_k2",
            toolParser: "kimi_k2",
            reasoningParser: "kimi_k2",
            controls: [
                "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "<|tool_call_begin|>",
                "<|tool_call_argument_begin|>", "<|tool_call_end|>",
            ],
            // The thoughts aren't ended.
            output: #"<think>Hm.<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0"#
                + #"<|tool_call_argument_begin|>{"city": "Paris"}<|tool_call_end|><|tool_calls_section_end|>"#,
            reasoning: "Hm.",
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
    ]

    private static let deepSeekControls = [
        "calls\(gap)begin", "calls\(gap)end", "call\(gap)begin", "call\(gap)end", "sep",
    ]
    .map { "<\(bar)tool\(gap)\($0)\(bar)>" }

    private static let tagged: [FormatSample] = [
        FormatSample(
            name: "qwen3_coder",
            toolParser: "qwen3_coder",
            output: """
                Sure.

                <tool_call>
                <function=get_weather>
                <parameter=city>
                New
                York "é"

                </parameter>
                <parameter=days>
                3
                </parameter>
                <parameter=exact>
                True
                </parameter>
                <parameter=units>
                ["mm", "C"]
                </parameter>
                <parameter=other>
                {"a": 1}
                </parameter>
                </function>
                </tool_call>
                """,
            content: "Sure.",
            calls: [
                Call(
                    name: "get_weather",
                    arguments: [
                        "city": "New\nYork \"é\"\n", "days": 3, "exact": true, "units": ["mm", "C"],
                        "other": ["a": 1],
                    ]
                )
            ]
        ),
        FormatSample(
            name: "qwen3_coder, without the outer tag and without arguments",
            toolParser: "qwen3_coder",
            output: "<function=now>\n</function>\n</tool_call>",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "qwen3_coder, a value that doesn't fit its type",
            toolParser: "qwen3_coder",
            output: "<tool_call><function=get_weather><parameter=days>soon</parameter></function></tool_call>",
            calls: [Call(name: "get_weather", arguments: ["days": "soon"])]
        ),
        FormatSample(
            name: "seed_oss",
            toolParser: "seed_oss",
            reasoningParser: "seed_oss",
            output: "<seed:think>Hm.</seed:think><seed:tool_call>\n<function=get_weather>\n"
                + "<parameter=city>Paris</parameter>\n</function>\n</seed:tool_call>",
            reasoning: "Hm.",
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "glm45",
            toolParser: "glm45",
            reasoningParser: "glm45",
            controls: ["<tool_call>", "</tool_call>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"],
            output: """

                <think>Hm.</think>
                <tool_call>get_weather
                <arg_key>city</arg_key>
                <arg_value>Oslo</arg_value>
                <arg_key>days</arg_key>
                <arg_value>2</arg_value>
                </tool_call>
                <tool_call>now</tool_call>
                """,
            reasoning: "Hm.",
            calls: [Call(name: "get_weather", arguments: oslo), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "deepseek_v32",
            toolParser: "deepseek_v32",
            controls: ["\(bar)DSML\(bar)"],
            output: """
                <\(bar)DSML\(bar)function_calls>
                <\(bar)DSML\(bar)invoke name="get_weather">
                <\(bar)DSML\(bar)parameter name="city" string="true">12</\(bar)DSML\(bar)parameter>
                <\(bar)DSML\(bar)parameter name="days" string="false">2</\(bar)DSML\(bar)parameter>
                </\(bar)DSML\(bar)invoke>
                <\(bar)DSML\(bar)invoke name="now">
                </\(bar)DSML\(bar)invoke>
                </\(bar)DSML\(bar)function_calls>
                """,
            calls: [
                Call(name: "get_weather", arguments: ["city": "12", "days": 2]), Call(name: "now", arguments: [:]),
            ]
        ),
        FormatSample(
            name: "deepseek_v4",
            toolParser: "deepseek_v4",
            controls: ["\(bar)DSML\(bar)"],
            output: "<\(bar)DSML\(bar)tool_calls>\n<\(bar)DSML\(bar)invoke name=\"now\">\n"
                + "</\(bar)DSML\(bar)invoke>\n</\(bar)DSML\(bar)tool_calls>",
            calls: [Call(name: "now", arguments: [:])]
        ),
    ]

    private static let others: [FormatSample] = [
        FormatSample(
            name: "pythonic",
            toolParser: "pythonic",
            output:
                #"[get_weather(city='L\'Aquila "é" \u00e9\n', days=-2, exact=True, place=None, units=["mm", 'C',]), "#
                + #"get_weather(place={"at": (1, 2.5)}), now()]"#,
            calls: [
                Call(
                    name: "get_weather",
                    arguments: [
                        "city": "L'Aquila \"é\" é\n", "days": -2, "exact": true, "place": nil, "units": ["mm", "C"],
                    ]
                ),
                Call(name: "get_weather", arguments: ["place": ["at": [1, 2.5]]]),
                Call(name: "now", arguments: [:]),
            ]
        ),
        FormatSample(
            name: "llama4_pythonic",
            toolParser: "llama4_pythonic",
            controls: ["<|python_start|>", "<|python_end|>"],
            output: #"<|python_start|>[get_weather(city="Paris")]<|python_end|>"#,
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "functiongemma",
            toolParser: "functiongemma",
            controls: ["<start_function_call>", "<end_function_call>", "<escape>"],
            output: "<start_function_call>call:get_weather{city:<escape>a, \"b\"}<escape>,days:2,exact:true,"
                + "units:[<escape>mm<escape>,<escape>C<escape>],place:{at:1.5}}<end_function_call>",
            calls: [
                Call(
                    name: "get_weather",
                    arguments: [
                        "city": "a, \"b\"}", "days": 2, "exact": true, "units": ["mm", "C"], "place": ["at": 1.5],
                    ]
                )
            ]
        ),
        FormatSample(
            name: "gemma4",
            toolParser: "gemma4",
            reasoningParser: "gemma4",
            controls: ["<|tool_call>", "<tool_call|>", "<|\"|>", "<|channel>", "<channel|>"],
            output: "<|channel>thought\nHm.\n<channel|><|tool_call>call:get_weather{city:<|\"|>Paris<|\"|>}<tool_call|>"
                + "<|tool_call>call:now{}<tool_call|>",
            reasoning: "Hm.",
            calls: [Call(name: "get_weather", arguments: paris), Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "gpt-oss, a call",
            toolParser: "gpt-oss",
            controls: ["<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|constrain|>"],
            output: "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>Wait."
                + "<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>"
                + #"{"city": "Paris"}"#,
            reasoning: "Hm.",
            content: "Wait.",
            calls: [Call(name: "get_weather", arguments: paris)]
        ),
        FormatSample(
            name: "gpt-oss, the recipient in front of the channel",
            reasoningParser: "gpt-oss",
            output: " to=functions.now<|channel|>commentary json<|message|>{}",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "gpt-oss, an answer",
            toolParser: "gpt-oss",
            controls: ["<|channel|>", "<|message|>", "<|start|>", "<|end|>"],
            output: "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>It rains.",
            reasoning: "Hm.",
            content: "It rains."
        ),
    ]

    private static let thoughts: [FormatSample] = [
        FormatSample(
            name: "thoughts and a call",
            toolParser: "hermes",
            reasoningParser: "qwen3",
            controls: ["<tool_call>", "</tool_call>"],
            output: """
                <think>
                They say "<tool".

                </think>

                Well.
                <tool_call>
                {"name": "now", "arguments": {}}
                </tool_call>
                """,
            reasoning: "They say \"<tool\".",
            content: "Well.",
            calls: [Call(name: "now", arguments: [:])]
        ),
        FormatSample(
            name: "thoughts that the prompt has begun",
            reasoningParser: "qwen3",
            output: "é日本</think>é",
            reasoning: "é日本",
            content: "é",
            beginsReasoning: true,
            hasTools: false
        ),
        FormatSample(
            name: "thoughts whose opener is there although they had begun",
            reasoningParser: "deepseek-r1",
            output: "\n<think>\nHm. <think></think>Yes.",
            reasoning: "Hm. <think>",
            content: "Yes.",
            hasTools: false
        ),
        FormatSample(
            name: "thoughts that begin like their opener",
            reasoningParser: "qwen3",
            output: "<thi",
            reasoning: "<thi",
            beginsReasoning: true,
            hasTools: false
        ),
        FormatSample(
            name: "thoughts that the prompt has ended",
            reasoningParser: "deepseek-r1",
            output: "A </think> B",
            content: "A </think> B",
            beginsReasoning: false,
            hasTools: false
        ),
        FormatSample(
            name: "a tag behind the beginning is text",
            reasoningParser: "qwen3",
            output: "Write <think> and </think>.",
            content: "Write <think> and </think>.",
            hasTools: false
        ),
        FormatSample(
            name: "thoughts without an end",
            reasoningParser: "deepseek-r1",
            output: "Hm. </thi",
            reasoning: "Hm. </thi",
            hasTools: false
        ),
        FormatSample(
            name: "granite's words",
            reasoningParser: "granite",
            output: "Here is my thought process:\nHm.\n\nHere is my response:\nYes.",
            reasoning: "Hm.",
            content: "Yes.",
            hasTools: false
        ),
        FormatSample(
            name: "granite's tags",
            reasoningParser: "granite",
            output: "<think>Hm.</think><response>Yes.</response>",
            reasoning: "Hm.",
            content: "Yes.",
            hasTools: false
        ),
        FormatSample(
            name: "kimi's tags",
            reasoningParser: "kimi",
            output: "\u{25C1}think\u{25B7}Hm.\u{25C1}/think\u{25B7}Yes.",
            reasoning: "Hm.",
            content: "Yes.",
            hasTools: false
        ),
        FormatSample(
            name: "calls without tools are text",
            toolParser: "hermes",
            reasoningParser: "qwen3",
            output: #"<tool_call>{"name": "now"}</tool_call>"#,
            content: #"<tool_call>{"name": "now"}</tool_call>"#,
            hasTools: false
        ),
        FormatSample(
            name: "text alone",
            toolParser: "hermes",
            reasoningParser: "qwen3",
            output: "  A plain answer <b>with</b> a [list] and {braces}.\n",
            content: "  A plain answer <b>with</b> a [list] and {braces}.\n"
        ),
    ]
}
