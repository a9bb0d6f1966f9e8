import ArgumentParser
import CommandSupport
import Foundation
import Testing
import trtllm_serve

@Suite struct KeyOptionsTests {
    private static func keys(_ arguments: [String], _ environment: [String: String] = [:]) throws -> [String] {
        try KeyOptions.parse(arguments).all(environment: environment)
    }

    /// What is wrong with keys; `nil` when nothing is.
    private static func fault(_ arguments: [String], _ environment: [String: String] = [:]) -> String? {
        do {
            _ = try keys(arguments, environment)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func keysComeFromOptionsAFileAndTheEnvironment() throws {
        let file = try Self.file("c\r\n\n  \nd")
        defer { try? FileManager.default.removeItem(atPath: file) }
        let arguments = ["--api_key", "a", "--api_key", "b", "--api_key_file", file]
        #expect(try Self.keys(arguments, ["TRTLLM_API_KEY": "e,f"]) == ["a", "b", "c", "d", "e", "f"])
        #expect(try Self.keys([], ["TRTLLM_API_KEY": ""]) == [])
    }

    @Test(arguments: ["", "two words", "ä", String(repeating: "k", count: 513)])
    func aKeyThatCannotBeSentIsRefusedUnseen(key: String) throws {
        let words = try #require(Self.fault(["--api_key", key]))
        #expect(words.contains("--api_key") && words.contains("printable ASCII"))
        #expect(key.isEmpty || !words.contains(key))
    }

    @Test func aFileWithoutKeysOrNoFileIsAnError() throws {
        let file = try Self.file("\n")
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(Self.fault(["--api_key_file", file])?.contains("has no keys") == true)
        #expect(Self.fault(["--api_key_file", "/nonexistent/keys"])?.contains("can't read") == true)
    }
}
