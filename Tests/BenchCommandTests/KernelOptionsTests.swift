import ArgumentParser
import Tensors
import Testing
import trtllm_bench

@Suite struct KernelOptionsTests {
    @Test func everyFormIsMeasuredOnceUnlessSomeAreNamed() throws {
        let all = try KernelOptions.parse([]).chosenForms.map(\.name)
        #expect(Set(all).count == all.count)
        #expect(Set(all) == Set(DataType.allCases.map(\.packedFormName)))
        #expect(!all.contains("none"))
        let options = try KernelOptions.parse(["--form", "s8_32", "u4_32", "--rows", "3", "5"])
        #expect(options.chosenForms.map(\.name) == ["u4_32", "s8_32"])
        #expect(options.rows == [3, 5])
    }

    @Test(arguments: [
        (["--rows", "4", "0"], "--rows is 0"), (["--features", "0"], "--features is 0"),
        (["--columns", "128"], "--columns is 128, but must be a positive multiple of 256"),
        (["--num_threads", "0"], "--num_threads is 0"),
        (["--form", "q4"], "--form is q4, but must be one of f32, f16"),
    ]) func valuesOutOfRangeAreUsageErrors(arguments: [String], message: String) {
        #expect {
            try KernelOptions.parse(arguments)
        } throws: { error in
            KernelOptions.exitCode(for: error) == .validationFailure
                && KernelOptions.message(for: error).contains(message)
        }
    }

    @Test(arguments: DataType.allCases) func randomWeightsAreOrdinaryNumbers(type: DataType) throws {
        let source = try RandomWeights.source(type, rows: 3, columns: 512)
        var row = [Float](repeating: .nan, count: 512)
        for index in 0..<3 {
            source.dequantizeRow(index, into: &row)
            #expect(row.allSatisfy { $0.isFinite && abs($0) < 100 })
            #expect(Set(row).count > 3)
        }
    }

    @Test func randomWeightsAreWholeBlocks() {
        #expect(throws: TensorError.self) { try RandomWeights.source(.q4_k, rows: 1, columns: 128) }
    }
}
