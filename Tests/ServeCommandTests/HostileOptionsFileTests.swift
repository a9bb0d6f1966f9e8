import CommandSupport
import Glibc
import Testing
import trtllm_serve

/// Files that would take memory or time without end, and texts that no one would write.
@Suite struct HostileOptionsFileTests {
    /// The message that reading the text ends with; `nil` when it is accepted.
    private func message(_ yaml: String) -> String? {
        do throws(StartupError) {
            _ = try OptionsFile(yaml: yaml, file: "f")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func aliasBombsAreRefusedForTheNumberOfTheirReferences() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            bomb += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        bomb += "? *a20\n: 1\n"
        #expect(
            message(bomb)
                == "f is not a YAML mapping of options: it has 201 references such as '*name', but must have at most 4"
        )
    }

    @Test func aFewReferencesAreFollowed() throws {
        let file = try OptionsFile(yaml: "max_batch_size: &n 7\nmax_num_tokens: *n\n", file: "f")
        #expect(file.integer("max_num_tokens") == 7)
    }

    @Test func referencesThatMultiplyTheirValuesAreCounted() {
        let many = Array(repeating: "x", count: 3000).joined(separator: ",")
        let text = "a: &a [\(many)]\nb: [*a, *a, *a, *a]\n"
        #expect(message(text)?.contains("more than 10000 values") == true)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "&x [", "!!seq ["]) func deepNestingIsRefused(opening: String) {
        for depth in [33, 900, 10_000] {
            let text = String(repeating: opening, count: depth)
            #expect(message(text) != nil)
            let closed = text + "1" + String(repeating: opening.contains("{") ? "}" : "]", count: depth)
            #expect(message(closed) != nil)
        }
    }

    @Test func deepNestingThroughReferencesIsRefused() {
        let deep = String(repeating: "[", count: 900)
        let end = String(repeating: "]", count: 900)
        var text = "a0: &a0 \(deep)\(end)\n"
        for level in 1...4 { text += "a\(level): &a\(level) \(deep)*a\(level - 1)\(end)\n" }
        #expect(message(text)?.contains("nested more than 32 deep") == true)
    }

    @Test func textsBeyondTheLimitAreRefusedUnread() {
        let text = String(repeating: "# comment\n", count: 7000)
        #expect(message(text)?.contains("longer than 64 KiB") == true)
    }

    @Test(arguments: ["/dev/zero", "/dev/null", "/tmp", "/dev/stdin/.."]) func whatIsNoFileIsRefused(path: String) {
        #expect {
            try OptionsFile(path: path)
        } throws: { "\($0)".contains(path) }
    }

    @Test func aPipeThatNobodyWritesToIsRefusedWithoutWaiting() throws {
        let path = "/tmp/options-pipe-\(getpid())"
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect {
            try OptionsFile(path: path)
        } throws: { "\($0)" == "can't read \(path): it is a pipe, not a regular file" }
    }

    @Test func longNamesAndValuesAreCutInMessages() {
        let long = String(repeating: "k", count: 20_000)
        for text in [
            "\(long): 1", "max_batch_size: \(long)", "dtype: \(long)", "[\(long)]", "\(long): 1\n\(long): 2",
            "kv_cache_config: {\(long): 1}", "a: [\(long)", "\"\(long)", "scheduler_config: \(long)",
        ] {
            let message = message(text) ?? ""
            #expect(message.contains("kkk") || message.contains("line"))
            #expect(message.utf8.count < 1200)
        }
    }

    @Test func mutatedFilesEndWithAShortMessageOrAreAccepted() {
        var random = Numbers(state: 8)
        let parts = [
            "max_batch_size", "kv_cache_config", ": ", ":", "\n", "\n  ", "\n- ", "- ", "? ", "[", "]", "{", "}", ", ",
            "&a ",
            "*a", "!!int ", "!!float ", "!", "!<x> ", "%YAML 1.1\n", "---\n", "...\n", "|\n", ">-\n", "\"", "'", "\\x",
            "#",
            "0x", "0b1", "0o8", "-", "1:59", "9223372036854775807", "-9223372036854775808", ".inf", ".nan", "1e400",
            "~", "<<",
            "=", "\t", "\u{0}", "\u{FEFF}", "\u{2028}", "\u{1F600}", "true", "null", "2001-01-01", "1_000",
        ]
        var refused = 0
        for _ in 0..<4000 {
            var text = "max_batch_size: 8\nkv_cache_config: {dtype: int8}\n"
            for _ in 0...random.next(below: 6) {
                let position = text.unicodeScalars.index(
                    text.startIndex,
                    offsetBy: random.next(below: text.unicodeScalars.count + 1)
                )
                let part = parts[random.next(below: parts.count)]
                text.unicodeScalars.insert(contentsOf: part.unicodeScalars, at: position)
            }
            if let message = message(text) {
                refused += 1
                #expect(message.utf8.count < 1200)
            }
        }
        #expect(refused > 1000)
    }
}

/// A repeatable sequence of numbers.
private struct Numbers {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
