import OpenAIProtocol
import OrderedJSON
import Testing

/// `tools`, `tool_choice` and what goes with them.
@Suite struct ToolFieldsTests {
    private static let tool = #"{"type":"function","function":{"name":"f"}}"#

    private func fields(_ json: String, limits: RequestLimits = RequestLimits()) throws -> ToolFields {
        try chat(json, limits: limits).tools
    }

    @Test func everythingOfAToolIsRead() throws {
        let tools = try fields(
            """
            {"tools":[{"type":"function","function":{"name":"get.the_weather-2","description":"D","strict":true,
             "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],"parallel_tool_calls":false}
            """
        )
        let tool = try #require(tools.tools.first)
        #expect(tool.name == "get.the_weather-2" && tool.description == "D" && tool.isStrict)
        #expect(tool.parameters["properties"] == ["city": ["type": "string"]])
        #expect(tools.choice == .auto && !tools.allowsParallelCalls)
    }

    @Test(arguments: [
        (#""none""#, ToolFields.Choice.none), (#""auto""#, .auto), (#""required""#, .required),
        (#"{"type":"function","function":{"name":"f"}}"#, .named("f")), ("null", .auto),
    ]) func aChoiceIsRead(json: String, choice: ToolFields.Choice) throws {
        #expect(try fields(#"{"tools":[\#(Self.tool)],"tool_choice":\#(json)}"#).choice == choice)
    }

    private static let two = #"{"tools":[\#(tool),{"type":"function","function":{"name":"g"}}],"tool_choice":"#

    @Test(arguments: [("auto", ToolFields.Choice.auto), ("required", .required)])
    func someToolsMayBeAllowed(mode: String, choice: ToolFields.Choice) throws {
        let allowed = #"{"mode":"\#(mode)","tools":[{"type":"function","function":{"name":"g"}}]}"#
        let fields = try fields(Self.two + #"{"type":"allowed_tools","allowed_tools":\#(allowed)}}"#)
        #expect(fields.choice == choice && fields.allowed == ["g"] && fields.tools.count == 2)
    }

    @Test(arguments: [
        (#"{"type":"allowed_tools"}"#, "tool_choice.allowed_tools"),
        (#"{"type":"allowed_tools","allowed_tools":{"tools":[]}}"#, "tool_choice.allowed_tools.mode"),
        (#"{"type":"allowed_tools","allowed_tools":{"mode":"none","tools":[]}}"#, "tool_choice.allowed_tools.mode"),
        (#"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}}"#, "tool_choice.allowed_tools.tools"),
        (
            #"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"mcp"}]}}"#,
            "tool_choice.allowed_tools.tools[0].type"
        ),
        (
            #"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"h"}}]}}"#,
            "tool_choice.allowed_tools.tools[0].function.name"
        ),
    ]) func whatIsWrongWithAllowedToolsIsNamed(choice: String, field: String) throws {
        let error = #expect(throws: ValidationError.self) { try fields(Self.two + choice + "}") }
        #expect(error?.field == field)
    }

    @Test func withoutToolsNothingIsCalled() throws {
        #expect(try fields(#"{"tools":[]}"#).choice == .none)
        #expect(try fields(#"{"tool_choice":"none"}"#).choice == .none)
    }

    @Test(arguments: [
        (#"{"tools":{}}"#, "tools"), (#"{"tools":[1]}"#, "tools[0]"), (#"{"tools":[{}]}"#, "tools[0].type"),
        (#"{"tools":[{"type":"retrieval"}]}"#, "tools[0].type"),
        (#"{"tools":[{"type":"function"}]}"#, "tools[0].function"),
        (#"{"tools":[{"type":"function","function":[]}]}"#, "tools[0].function"),
        (#"{"tools":[{"type":"function","function":{}}]}"#, "tools[0].function.name"),
        (#"{"tools":[{"type":"function","function":{"name":""}}]}"#, "tools[0].function.name"),
        (#"{"tools":[{"type":"function","function":{"name":"a b"}}]}"#, "tools[0].function.name"),
        (#"{"tools":[{"type":"function","function":{"name":"f","parameters":[]}}]}"#, "tools[0].function.parameters"),
        (#"{"tools":[{"type":"function","function":{"name":"f","nonsense":1}}]}"#, "tools[0].function.nonsense"),
        (#"{"tools":[\#(tool),\#(tool)]}"#, "tools[1].function.name"), (#"{"tool_choice":"required"}"#, "tool_choice"),
        (#"{"tools":[\#(tool)],"tool_choice":"any"}"#, "tool_choice"),
        (#"{"tools":[\#(tool)],"tool_choice":5}"#, "tool_choice"),
        (#"{"tools":[\#(tool)],"tool_choice":{"type":"custom"}}"#, "tool_choice.type"),
        (#"{"tools":[\#(tool)],"tool_choice":{"type":"function"}}"#, "tool_choice.function.name"),
        (
            #"{"tools":[\#(tool)],"tool_choice":{"type":"function","function":{"name":"g"}}}"#,
            "tool_choice.function.name"
        ),
    ]) func whatIsWrongIsNamed(json: String, field: String) throws {
        let error = #expect(throws: ValidationError.self) { try fields(json) }
        #expect(error?.field == field)
    }

    @Test func theirNumberAndSizeAreLimited() throws {
        var limits = RequestLimits()
        limits.tools = 1
        let two = #"{"tools":[\#(Self.tool),{"type":"function","function":{"name":"g"}}]}"#
        #expect(#expect(throws: ValidationError.self) { try fields(two, limits: limits) }?.field == "tools")
        limits.tools = 2
        #expect(try fields(two, limits: limits).tools.count == 2)
        limits.toolBytes = 60
        #expect(#expect(throws: ValidationError.self) { try fields(two, limits: limits) }?.field == "tools")
    }

    @Test func anEffortOfNoneTurnsThinkingOff() throws {
        func variables(_ json: String) throws -> JSONObject { try chat(json).template.variables }
        #expect(try variables(#"{"reasoning_effort":"high"}"#) == ["reasoning_effort": "high"])
        #expect(
            try variables(#"{"reasoning_effort":"none"}"#)
                == ["reasoning_effort": "none", "enable_thinking": false, "thinking": false]
        )
        let both = try variables(#"{"reasoning_effort":"none","chat_template_kwargs":{"enable_thinking":true}}"#)
        #expect(both["enable_thinking"] == true)
    }
}
