import Foundation
import Generation
import Testing

/// Which formats published templates show; see `Tests/Fixtures/chat-templates/published.py`.
@Suite struct TemplateRecognitionTests {
    struct Shown: Sendable, CustomTestStringConvertible {
        let template: String
        let calls: String
        let thoughts: String?
        /// Whether the template tells the model about tools.
        var knowsTools = true

        var testDescription: String { template }
    }

    static let shown: [Shown] = [
        Shown(template: "Qwen-Qwen2.5-7B-Instruct", calls: "hermes", thoughts: nil),
        Shown(template: "Qwen-Qwen3-0.6B", calls: "hermes", thoughts: "qwen3"),
        Shown(template: "QwQ-32B", calls: "hermes", thoughts: "qwen3"),
        Shown(template: "Qwen3-Coder", calls: "qwen3_coder", thoughts: nil),
        Shown(template: "Qwen3.5-4B", calls: "qwen3_coder", thoughts: "qwen3"),
        Shown(template: "ByteDance-Seed-OSS", calls: "seed_oss", thoughts: "seed_oss"),
        Shown(template: "GLM-4.6", calls: "glm45", thoughts: "qwen3"),
        Shown(template: "GLM-4.7-Flash", calls: "glm45", thoughts: "qwen3"),
        Shown(template: "glm4-0414", calls: "glm4_0414", thoughts: nil),
        Shown(template: "Deepseek-V3.1", calls: "deepseek_v31", thoughts: "qwen3"),
        Shown(template: "deepseek-r1-0528", calls: "deepseek_v3", thoughts: "qwen3"),
        Shown(template: "deepseek_v3", calls: "deepseek_v3", thoughts: "qwen3", knowsTools: false),
        Shown(template: "deepseek-ai-DeepSeek-V3.2", calls: "deepseek_v32", thoughts: "qwen3"),
        Shown(template: "deepseek-ai-DeepSeek-V4", calls: "deepseek_v4", thoughts: "qwen3"),
        Shown(template: "gemma4", calls: "gemma4", thoughts: "gemma4"),
        Shown(template: "openai-gpt-oss-120b", calls: "gpt-oss", thoughts: "gpt-oss"),
        Shown(template: "ibm-granite-granite-3.3-2B-Instruct", calls: "granite", thoughts: "granite"),
        Shown(template: "ibm-granite-granite-4.0", calls: "hermes", thoughts: nil),
        Shown(template: "mistral-instruct-v0.3", calls: "mistral", thoughts: nil),
        Shown(template: "Mistral-Small-3.2-24B-Instruct-2506", calls: "mistral", thoughts: nil),
        Shown(template: "mistralai-Ministral-3-14B-Reasoning-2512", calls: "mistral", thoughts: "mistral"),
        Shown(template: "chatml", calls: "json", thoughts: nil, knowsTools: false),
        Shown(template: "phi_35", calls: "json", thoughts: nil, knowsTools: false),
        Shown(template: "Apertus-8B-Instruct", calls: "json", thoughts: nil),
    ]

    @Test(arguments: shown) func templatesShowTheirFormats(shown: Shown) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/chat-templates/published")
        let template = try String(contentsOf: folder.appending(path: "\(shown.template).jinja"), encoding: .utf8)
        let format = OutputFormat(templates: [template], tokens: ControlTokens([]))
        #expect(format.calls.names[0] == shown.calls)
        #expect(format.reasoning?.names[0] == shown.thoughts)
        #expect(format.knowsTools == shown.knowsTools)
        #expect(ToolInstructions.areNeeded(by: template) != shown.knowsTools)
    }

    @Test(arguments: [
        ("<|im_start|>assistant\n<think>\n", true), ("<|im_start|>assistant\n<think>\n\n</think>\n\n", false),
        ("<|im_start|>assistant\n", nil), ("<think></think>", false),
    ]) func thePromptTellsWhetherThoughtsHaveBegun(prompt: String, begins: Bool?) {
        #expect(ReasoningFormat.think.begins(behind: prompt) == begins)
    }
}
