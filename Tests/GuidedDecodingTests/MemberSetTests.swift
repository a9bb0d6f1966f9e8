import GuidedDecoding
import Testing

@Suite struct MemberSetTests {
    private static let vocabulary = Vocabularies.json
    private static let compiler = GrammarCompiler(vocabulary: vocabulary)

    /// A set of members with string values behind `": "`.
    private static func matcher(
        _ names: [(String, required: Bool, requires: [Int])],
        others: Bool = false,
        forbidden: [String] = [],
        minimum: Int = 0,
        maximum: Int? = nil
    ) throws -> any TokenMatcher {
        try compiler.compile { builder throws(GrammarError) in
            let value = try builder.sequence([
                builder.terminal(": "), builder.terminal(builder.jsonString()),
            ])
            let key = try builder.jsonString()
            return try builder.members(
                MemberSet(
                    open: builder.literal("{"),
                    separator: builder.literal(", "),
                    close: builder.literal("}"),
                    named: names.map {
                        MemberSet.Named(
                            name: Array("\"\($0.0)\"".utf8),
                            value: value,
                            isRequired: $0.required,
                            requires: $0.requires
                        )
                    },
                    forbidden: forbidden.map { Array("\"\($0)\"".utf8) },
                    others: others ? [MemberSet.Other(name: key, value: value)] : [],
                    minimum: minimum,
                    maximum: maximum
                )
            )
        }.makeMatcher()
    }

    private static func text(_ names: [String]) -> String {
        "{" + names.map { "\"\($0)\": \"x\"" }.joined(separator: ", ") + "}"
    }

    @Test func membersComeInAnyOrderEachOnce() throws {
        let matcher = try Self.matcher([("a", true, []), ("ab", false, []), ("c", false, [])])
        for names in [["a"], ["ab", "a"], ["c", "ab", "a"], ["a", "c"]] {
            #expect(matcher.accepts(Self.text(names), of: Self.vocabulary), "\(names)")
        }
        for names in [[], ["ab"], ["a", "a"], ["a", "b"], ["a", "ab", "c", "c"]] {
            #expect(!matcher.accepts(Self.text(names), of: Self.vocabulary), "\(names)")
        }
    }

    @Test func namesThatAreKnownOrForbiddenAreNoOtherNames() throws {
        let matcher = try Self.matcher([("name", false, [])], others: true, forbidden: ["age"])
        for names in [["x"], ["x", "x"], ["nam"], ["names", "name"], ["", "ag", "ages"]] {
            #expect(matcher.accepts(Self.text(names), of: Self.vocabulary), "\(names)")
        }
        for names in [["age"], ["name", "name"], ["x", "age"]] {
            #expect(!matcher.accepts(Self.text(names), of: Self.vocabulary), "\(names)")
        }
    }

    @Test func noMemberIsAllowedThatLeavesNoRoomForRequiredOnes() throws {
        let matcher = try Self.matcher(
            [("a", true, []), ("b", false, [0, 2]), ("c", false, []), ("d", false, [])],
            minimum: 2,
            maximum: 2
        )
        #expect(matcher.accepts(Self.text(["d", "a"]), of: Self.vocabulary))
        var after = matcher
        after = try #require(after.after("{\"", of: Self.vocabulary))
        let allowed = after.allowed(of: Self.vocabulary)
        #expect(allowed == Set("acd".utf8.map(Int32.init)).union([282]))
        after = try #require(after.after("d\": \"x\"", of: Self.vocabulary))
        #expect(!after.allowed(of: Self.vocabulary).contains(Int32(UInt8(ascii: "}"))))
        after = try #require(after.after(", \"", of: Self.vocabulary))
        #expect(after.allowed(of: Self.vocabulary) == [Int32(UInt8(ascii: "a")), 282])
    }

    @Test func requiredMembersOfMembersAreDemanded() throws {
        let matcher = try Self.matcher([("a", false, [1]), ("b", false, [])])
        #expect(matcher.accepts(Self.text(["a", "b"]), of: Self.vocabulary))
        #expect(matcher.accepts(Self.text(["b", "a"]), of: Self.vocabulary))
        #expect(matcher.accepts(Self.text(["b"]), of: Self.vocabulary))
        #expect(!matcher.accepts(Self.text(["a"]), of: Self.vocabulary))
    }

    /// Every mask on the way through some texts, token by token, equals what single tokens say when they are tried.
    @Test(arguments: [
        "{\"name\": \"hello\", \"age\": \"a\"}", "{\"nam\": \"é\", \"x\": \"\\n\"}", "{\"zz\": \"\", \"name\": \"na\"}",
    ]) func masksEqualTryingEachToken(text: String) throws {
        var matcher = try Self.matcher([("name", false, []), ("age", false, [])], others: true, forbidden: ["zzz"])
        for byte in text.utf8 {
            let allowed = matcher.allowed(of: Self.vocabulary)
            for token in 0..<Int32(Self.vocabulary.count) {
                var copy = matcher
                #expect(copy.advance(token) == allowed.contains(token), "token \(token) before \(byte)")
            }
            #expect(matcher.advance(Int32(byte)) == true)
        }
        #expect(matcher.isComplete)
    }

    @Test func setsThatCannotBeCompletedMatchNothing() {
        #expect(throws: GrammarError.self) { try Self.matcher([("a", true, []), ("b", true, [])], maximum: 1) }
        #expect(throws: GrammarError.self) { try Self.matcher([("a", false, [])], minimum: 2) }
    }
}
