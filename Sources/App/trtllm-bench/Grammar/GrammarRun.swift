internal import GuidedDecoding
package import OrderedJSON

/// Compiles schemas and walks their instances as a generation would: a mask, then a token.
package struct GrammarRun {
    /// What has come of it.
    package private(set) var report = GrammarReport()
    private let compiler: GrammarCompiler
    private let tokenize: (JSONValue) -> [Int32]

    /// A run over a vocabulary, with the tokenizer that instances are cut by.
    package init(vocabulary: GrammarVocabulary, tokenize: @escaping (JSONValue) -> [Int32]) {
        // Nothing is kept from one schema to the next.
        compiler = GrammarCompiler(vocabulary: vocabulary.forGrammars, cacheCapacity: 0)
        self.tokenize = tokenize
    }

    /// Compiles a file's schema and walks its instances.
    package mutating func walk(_ file: SchemaFile) {
        report.files += 1
        let clock = ContinuousClock()
        let start = clock.now
        let grammar: CompiledGrammar
        do {
            grammar = try compiler.compile(.jsonSchema(file.schema))
        } catch {
            report.compileErrors += 1
            report.failures.append((file.name, "\(error)"))
            return
        }
        report.compileTimes.append(Self.microseconds(clock.now - start))
        var reasons: [String] = []
        for (index, instance) in file.instances.enumerated() {
            let isAccepted = walk(instance.data, grammar)
            guard isAccepted != instance.isValid else { continue }
            if instance.isValid { report.validationErrors += 1 } else { report.invalidationErrors += 1 }
            reasons.append("instance \(index) is \(instance.isValid ? "valid and refused" : "invalid and accepted")")
        }
        if reasons.isEmpty {
            report.passing += 1
        } else {
            report.failures.append((file.name, reasons.joined(separator: ", ")))
        }
    }

    /// Whether the masks allow an instance to its end.
    private mutating func walk(_ instance: JSONValue, _ grammar: CompiledGrammar) -> Bool {
        let clock = ContinuousClock()
        var matcher = grammar.makeMatcher()
        var mask = TokenMask(count: compiler.vocabulary.count)
        for token in tokenize(instance) {
            let start = clock.now
            matcher.allow(&mask)
            report.maskTimes.append(Self.microseconds(clock.now - start))
            guard mask[token], matcher.advance(token) else { return false }
        }
        return matcher.isComplete
    }

    private static func microseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1e6 + Double(duration.components.attoseconds) / 1e12
    }
}
