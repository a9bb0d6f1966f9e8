import Checkpoints
import Foundation
import Models
import Testing

/// Adapters that are broken, hostile, or ask for what can't be done: errors that name the file and the key or tensor.
@Suite struct HostileAdapterTests {
    private let folder: TemporaryFolder
    private let tiny: TinyModel
    private let configuration: ModelConfiguration

    init() throws {
        folder = try TemporaryFolder()
        let path = TinyModel.folder.appendingPathComponent("qwen2.gguf").path
        tiny = try TinyModel(path: path)
        configuration = try Checkpoint.open(path: path).configuration
    }

    private func message(_ directory: String, rankLimit: Int = 16) -> String {
        do {
            _ = try tiny.model.loadAdapter(
                directory: directory,
                AdapterRules(configuration: configuration, rankLimit: rankLimit)
            )
            return ""
        } catch {
            return error.description
        }
    }

    private func made(_ change: (inout MadeAdapter) -> Void = { _ in }) -> MadeAdapter {
        var made = MadeAdapter(configuration, rank: 4)
        change(&made)
        return made
    }

    @Test func whatIsWellFormedLoads() throws {
        #expect(try message(made().write(to: folder.url)) == "")
        #expect(try message(made { $0.members = ["target_modules": "all-linear"] }.write(to: folder.url)) == "")
        let pattern = #".*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"#
        #expect(try message(made { $0.members = ["target_modules": pattern] }.write(to: folder.url)) == "")
        let ranks: [String: Any] = ["r": 9, "rank_pattern": ["_proj": 3, #".*_proj"#: 4]]
        #expect(try message(made { $0.members = ranks }.write(to: folder.url)) == "")
    }

    @Test(arguments: [
        ("use_dora", "true"), ("bias", "\"all\""), ("modules_to_save", "[\"lm_head\"]"), ("peft_type", "\"IA3\""),
        ("r", "0"), ("r", "17"), ("r", "1e30"), ("r", "\"4\""), ("lora_alpha", "1e300"), ("lora_bias", "true"),
        ("target_modules", "\"(a\""), ("target_modules", "7"), ("rank_pattern", "{\"q_proj\": 0.5}"),
        ("rank_pattern", "{\"(\": 1}"), ("trainable_token_indices", "[1]"), ("init_lora_weights", "\"pissa\""),
        ("layer_replication", "[[0, 1]]"), ("target_parameters", "[\"x\"]"), ("alpha_pattern", "{\"q_proj\": 1e9}"),
    ])
    func configurationsThatCantBeHonouredAreNamed(key: String, value: String) throws {
        let json = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        let found = try message(made { $0.members = [key: json] }.write(to: folder.url))
        #expect(found.contains("adapter_config.json") && found.contains(key), "\(found)")
    }

    @Test func modulesThatCantBeAddedToAreNamed() throws {
        for (name, size) in [
            ("lm_head", 64), ("model.embed_tokens", 64), ("model.layers.0.self_attn.rotary", 64),
            ("model.layers.99.self_attn.q_proj", 64), ("model.layers.0.mlp.experts.0.up_proj", 64),
        ] {
            let made = made {
                $0.modules = []
                $0.add(name, inputs: size, outputs: size)
            }
            let found = try message(made.write(to: folder.url))
            #expect(found.contains("adapter_model.safetensors") && found.contains(name), "\(name): \(found)")
        }
    }

    @Test func shapesThatDontFitAreNamed() throws {
        let changes: [(String, (inout MadeAdapter) -> Void)] = [
            (
                "attn_q",
                {
                    $0.modules[0].inputs -= 32
                    $0.modules[0].down.removeLast(32 * 4)
                }
            ),
            (
                "attn_q",
                {
                    $0.modules[0].outputs += 1
                    $0.modules[0].up += [0, 0, 0, 0]
                }
            ),
            ("attn_v", { $0.modules[2].up[5] = .nan }),
            ("ffn_down", { $0.modules[6].down[0] = 1e6 }),
            ("doesn't name", { $0.members = ["target_modules": ["q_proj"]] }),
            ("rank is 8", { $0.members = ["r": 8] }),
            ("rank is 2", { $0.members = ["rank_pattern": ["layers.0.mlp.up_proj": 2]] }),
            ("no factors", { $0.modules = [] }),
        ]
        for (text, change) in changes {
            let found = try message(made(change).write(to: folder.url))
            #expect(found.contains("adapter_model.safetensors") && found.contains(text), "\(text): \(found)")
        }
    }

    @Test func tensorsThatArentFactorsOrLackTheirPartnersAreNamed() throws {
        let path = try made().write(to: folder.url)
        let file = URL(fileURLWithPath: path).appendingPathComponent("adapter_model.safetensors")
        let whole = try Data(contentsOf: file)
        for (old, new) in [
            ("layers.0.self_attn.q_proj.lora_A.weight", "layers.0.self_attn.q_proj.lora_C.weight"),
            ("layers.0.self_attn.q_proj.lora_A.weight", "layers.0.self_attn.q_prox.lora_A.weight"),
            (
                "base_model.model.model.layers.0.self_attn.q_proj.lora_B",
                "base_model_model.model.layers.0.self_attn.q_proj.lora_B"
            ),
            ("\"F32\"", "\"I32\""),
        ] {
            var bytes = whole
            let range = try #require(bytes.range(of: Data(old.utf8)))
            bytes.replaceSubrange(range, with: Data(new.utf8))
            try bytes.write(to: file)
            let found = message(path)
            #expect(found.contains("adapter_model.safetensors") && found.contains("tensor"), "\(new): \(found)")
        }
        // Every length that is cut off, in steps.
        for count in stride(from: 0, to: whole.count, by: 997) {
            try whole.prefix(count).write(to: file)
            #expect(message(path).contains("adapter_model.safetensors"))
        }
    }

    @Test func filesThatArentThereAreNamed() throws {
        #expect(message("/nowhere").contains("/nowhere/adapter_config.json"))
        let path = try made().write(to: folder.url)
        let directory = URL(fileURLWithPath: path)
        let factors = directory.appendingPathComponent("adapter_model.safetensors")
        try FileManager.default.moveItem(at: factors, to: directory.appendingPathComponent("adapter_model.bin"))
        #expect(message(path).contains("safe_serialization=True"))
    }
}
