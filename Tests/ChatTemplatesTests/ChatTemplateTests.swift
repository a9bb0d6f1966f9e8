import ChatTemplates
import OrderedJSON
import Testing

@Suite struct ChatTemplateTests {
    private func failure(_ source: String, _ variables: JSONObject = [:]) -> TemplateError? {
        do {
            _ = try ChatTemplate(source: source).render(variables)
            return nil
        } catch {
            return error
        }
    }

    @Test func rendersAConversation() throws {
        let source = """
            {%- for message in messages %}
            {{- '<|' ~ message.role ~ '|>' ~ message.content }}
            {%- endfor %}
            {%- if add_generation_prompt %}<|assistant|>{% endif %}

            """
        let variables: JSONObject = [
            "messages": [["role": "user", "content": "Hi"], ["role": "assistant", "content": "Ho"]],
            "add_generation_prompt": true,
        ]
        #expect(try ChatTemplate(source: source).render(variables) == "<|user|>Hi<|assistant|>Ho<|assistant|>")
    }

    @Test func raisedErrorsHaveTheTemplatesOwnWordsAndLine() {
        let error = failure("a\n{% if true %}\n{{ raise_exception('Roles must <alternate>') }}\n{% endif %}")
        #expect(error == TemplateError(.raised, "Roles must <alternate>", line: 3))
    }

    @Test func syntaxErrorsHaveLineAndColumn() {
        let error = failure("ä\nö {{ a b }}")
        #expect(error?.kind == .syntax)
        #expect(error?.line == 2)
        #expect(error?.column == 8)
        #expect(
            error?.description == "expected token 'end of print statement', got 'b' (chat template line 2, column 8)"
        )
    }

    @Test func runtimeErrorsInAMacroAreAtTheLineInTheMacro() {
        #expect(failure("{% macro m(x) %}\n{{ x.y.z }}\n{% endmacro %}\n\n{{ m({}) }}")?.line == 2)
    }

    @Test func errorsAfterAMacroCallAreAtTheLineOfTheCaller() {
        let error = failure("{% macro m() %}\n\nx{{ 1 }}{% endmacro %}\n{{ m() ~\n m() + 1 }}")
        #expect(error?.line == 5)
    }

    @Test func keysThatLookEqualStayApart() throws {
        let template = try ChatTemplate(source: "{{ d['\\u00e9'] }}{{ d['e\\u0301'] }}{{ 'e\\u0301' == '\\u00e9' }}")
        #expect(try template.render(["d": ["\u{E9}": 1, "e\u{301}": 2]]) == "12False")
    }

    @Test func integersThatOverflowAreErrors() {
        for source in ["{{ 9223372036854775807 + 1 }}", "{{ 2 ** 63 }}", "{{ 9223372036854775808 }}", "{{ n // -1 }}"] {
            #expect(failure(source, ["n": .integer(.min)]) != nil, "\(source)")
        }
    }

    @Test func aTemplateCanBeRenderedByManyTasksAtOnce() async throws {
        let template = try ChatTemplate(
            source:
                "{% set ns = namespace(n=0) %}{% for i in range(x) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}"
        )
        let texts = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for x in 0..<32 { group.addTask { (x, try template.render(["x": .integer(x)])) } }
            return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
        }
        for x in 0..<32 { #expect(texts[x] == String(x * (x - 1) / 2)) }
    }

    @Test func theClockIsTheOneGiven() throws {
        let template = try ChatTemplate(source: "{{ strftime_now('%d %b %Y %H:%M:%S.%f') }}")
        let now = LocalTime(secondsSinceEpoch: 1_753_536_896, microsecond: 42)
        #expect(try template.render([:], now: now) == "26 Jul 2025 13:34:56.000042")
    }

    @Test func theTextOfAValueBecomesThatValue() throws {
        let template = try ChatTemplate(source: "{% for k, v in s|from_json|items %}{{ k }}={{ v }};{% endfor %}")
        #expect(try template.render(["s": #"{"b": [1, 2.5], "a": {"x": null}}"#]) == "b=[1, 2.5];a={'x': None};")
    }

    @Test(arguments: ["{", "", "[1] 2", "nul", "'a'"])
    func whatIsNoJSONIsAnError(text: String) {
        #expect(failure("{{ s|from_json }}", ["s": .string(text)])?.kind == .runtime)
        #expect(failure("{{ 5|from_json }}")?.kind == .runtime)
    }

    @Test func valuesOfATextAreNestedAsDeepAsOthers() {
        let text = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        #expect(failure("{{ s|from_json }}", ["s": .string(text)]) != nil)
    }
}
