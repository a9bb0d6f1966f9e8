import Checkpoints
import Foundation
import Testing

/// Reads the files of each architecture that `Tests/Fixtures/checkpoints/make-architectures.py` wrote.
@Suite struct ForeignArchitectureTests {
    private func open(_ architecture: ModelArchitecture) throws -> Checkpoint {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/checkpoints/architectures")
        return try Checkpoint.open(path: folder.appendingPathComponent("\(architecture.rawValue).gguf").path)
    }

    private func configuration(_ architecture: ModelArchitecture) throws -> ModelConfiguration {
        try open(architecture).configuration
    }

    @Test(arguments: ModelArchitecture.allCases.filter { $0 != .gemma3 })
    func everyArchitectureIsRead(architecture: ModelArchitecture) throws {
        let c = try configuration(architecture)
        #expect(c.architecture == architecture)
        #expect(c.blockCount == 4 && c.embeddingLength == 32 && c.feedForwardLengths == [48, 48, 48, 48])
        #expect(c.rmsNormEpsilon == 0.125)
        let hasLayerNorms: [ModelArchitecture] = [
            .starcoder2, .gpt2, .gptNeoX, .falcon, .commandR, .cohere2, .stableLM, .bert,
        ]
        #expect(c.layerNormEpsilon == (hasLayerNorms.contains(architecture) ? 0.125 : nil))
        let hasPairs: [ModelArchitecture] = [
            .llama, .granite, .graniteMoE, .smolLM3, .commandR, .cohere2, .deepseek2,
        ]
        #expect(c.rotaryLayout == (hasPairs.contains(architecture) ? .pairs : .halves))
    }

    @Test(
        arguments: [
            (.llama, [0, 1, 2, 3]), (.gemma2, [0, 2]), (.phi3, [0, 1, 2, 3]), (.cohere2, [0, 1, 2]),
            (.gptOSS, [0, 2]), (.qwen2, []),
        ] as [(ModelArchitecture, [Int])]
    )
    func windowsAreWhereTheFamilyHasThem(architecture: ModelArchitecture, layers: [Int]) throws {
        let c = try configuration(architecture)
        #expect(c.windowedLayers.indices.filter { c.windowedLayers[$0] } == layers)
        #expect(c.slidingWindow == (layers.isEmpty ? nil : 100))
    }

    @Test func someLayersDoNotRotate() throws {
        #expect(try configuration(.smolLM3).ropeLayers == [true, true, true, false])
        #expect(try configuration(.cohere2).ropeLayers == [true, true, true, false])
        #expect(try configuration(.gpt2).ropeLayers == [false, false, false, false])
        #expect(try configuration(.gptNeoX).ropeDimensionCount == 2)
    }

    @Test func multipliersAreReadWithTheirMeaning() throws {
        for architecture in [.granite, .graniteMoE] as [ModelArchitecture] {
            let c = try configuration(architecture)
            #expect(
                c.embeddingScale == 12 && c.residualScale == 0.25 && c.attentionScale == 0.5 && c.logitScale == 0.125
            )
        }
        #expect(try configuration(.commandR).logitScale == 0.0625)
        let gemma = try configuration(.gemma2)
        #expect(gemma.embeddingScale == 32.0.squareRoot() && gemma.attentionScale == 0.25)
        #expect(gemma.attentionLogitSoftcapping == 50 && gemma.finalLogitSoftcapping == 30)
        #expect(gemma.activation == .geluTanh)
    }

    @Test(
        arguments: [
            (.commandR, true), (.cohere2, true), (.falcon, true), (.gptNeoX, false), (.stableLM, true), (.llama, false),
        ] as [(ModelArchitecture, Bool)]
    )
    func theResidualIsParallelWhereTheFileOrFamilyHasItSo(architecture: ModelArchitecture, expected: Bool) throws {
        #expect(try configuration(architecture).parallelResidual == expected)
    }

    @Test func longRopesDivisorsComeFromTensors() throws {
        let checkpoint = try open(.phi3)
        #expect(
            checkpoint.configuration.ropeScaling
                == .longRope(short: [1, 2], long: [1, 2], originalContextLength: 128, magnitude: 1.25)
        )
        #expect(!checkpoint.tensors.contains("rope_factors_long.weight"))
    }

    @Test func fusedTensorsAreTakenApart() throws {
        var tensors = try open(.phi3).tensors
        #expect(try tensors.matrix("blk.1.attn_k.weight", rows: 16, columns: 32).numbers[0][0] == 32 * 32 + 1)
        #expect(try tensors.vector("blk.1.attn_v.bias", count: 16).numbers[0][0] == 49)
        #expect(try tensors.matrix("blk.1.ffn_gate.weight", rows: 48, columns: 32).numbers[0][0] == 1)
        #expect(try tensors.matrix("blk.1.ffn_up.weight", rows: 48, columns: 32).numbers[0][0] == 48 * 32 + 1)
        var gpt2 = try open(.gpt2).tensors
        #expect(try gpt2.matrix("blk.1.attn_v.weight", rows: 32, columns: 32).numbers[0][0] == 64 * 32 + 1)
    }

    @Test func expertsAreReadWithTheFamilysRouting() throws {
        let mixtral = try #require(try configuration(.llama).experts)
        #expect(mixtral.count == 8 && mixtral.perToken == 2 && mixtral.feedForwardLength == 48)
        #expect(mixtral.normalizesWeights && mixtral.gating == .softmax)
        let qwen = try #require(try configuration(.qwen2MoE).experts)
        #expect(qwen.feedForwardLength == 24 && qwen.sharedFeedForwardLength == 40 && qwen.sharedCount == 1)
        #expect(!qwen.normalizesWeights)
        #expect(try configuration(.qwen3MoE).experts?.normalizesWeights == true)
        #expect(try configuration(.graniteMoE).experts?.gating == .softmaxOfChosen)
        var granite = try open(.graniteMoE).tensors
        let gate = try granite.matrix("blk.0.ffn_gate_exps.weight", index: 3, of: 8, rows: 48, columns: 32)
        #expect(try gate.numbers[0][0] == 3 * 48 * 32 + 1)
    }

    @Test func gptOSSHasSinksAndAClampedGate() throws {
        let checkpoint = try open(.gptOSS)
        let c = checkpoint.configuration
        #expect(c.hasAttentionSinks && c.gateLimit == 7 && c.experts?.gating == .softmaxOfChosen)
        guard case .yarn(let yarn) = c.windowedRopeScaling else {
            Issue.record("\(c.windowedRopeScaling)")
            return
        }
        #expect(yarn.factor == 32 && !yarn.roundsBorders)
        #expect(checkpoint.tensors.contains("blk.0.ffn_norm.weight"))
    }

    @Test func deepSeekHasLatentAttentionAndGroupsOfExperts() throws {
        let checkpoint = try open(.deepseek2)
        let c = checkpoint.configuration
        let latent = try #require(c.latent)
        #expect(latent.queryRank == 20 && latent.keyValueRank == 12 && latent.plainLength == 6)
        #expect(latent.rotaryLength == 4 && latent.valueLength == 6)
        #expect(c.keyLength == 10 && c.headCountsKV == [4, 4, 4, 4])
        let temperature = 1 + Double(Float(0.1)) * log(4)
        #expect(abs(c.attentionScale - temperature * temperature / 10.0.squareRoot()) < 1e-15)
        guard case .yarn(let yarn) = c.ropeScaling else {
            Issue.record("\(c.ropeScaling)")
            return
        }
        #expect(abs(yarn.attentionFactor * (1 + 0.1 * log(4)) - 1) < 1e-15)
        let experts = try #require(c.experts)
        #expect(experts.gating == .sigmoid && experts.normalizesWeights && experts.hasSelectionBias)
        #expect(experts.groupCount == 4 && experts.groupsUsed == 2 && experts.weightScale == 2.5)
        #expect(experts.sharedFeedForwardLength == 48 && experts.denseLayerCount == 1)
        var tensors = checkpoint.tensors
        let key = try tensors.matrix("blk.0.attn_k_b.weight", index: 1, of: 4, rows: 12, columns: 6)
        #expect(try key.numbers[2] == (0..<6).map { Float((12 + $0) * 12 + 2 + 1) })
        let value = try tensors.matrix("blk.0.attn_v_b.weight", index: 1, of: 4, rows: 6, columns: 12)
        #expect(try value.numbers[0][0] == 18 * 12 + 1)
    }

    @Test func encodersSeeBothWaysAndSayHowTheyArePooled() throws {
        let c = try configuration(.bert)
        #expect(!c.isCausal && c.pooling == .cls && c.tokenTypeCount == 2 && c.positionEmbeddingCount == 512)
    }
}
