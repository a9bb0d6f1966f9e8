internal import ArgumentParser
internal import CommandSupport
internal import Foundation
internal import GuidedDecoding
internal import OrderedJSON
internal import Tokenization

/// How many schemas are kept, and how fast: compiles each and walks its instances token by token.
struct GrammarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grammar",
        abstract: "Compiles JSON schemas and walks instances through their token masks."
    )

    @OptionGroup var options: GrammarOptions

    mutating func run() throws {
        let tokenizer = try TextModel(path: options.vocabulary).tokenizer
        let vocabulary = GrammarVocabulary(tokenizer)
        let files = try SchemaFile.files(in: options.schemas, limit: options.limit)
        let tokenize = { (instance: JSONValue) in
            tokenizer.encode(
                InstanceWriter.text(of: instance),
                addSpecialTokens: false,
                parseSpecialTokens: false
            )
        }
        if let file = options.inputFile {
            try ReportFile.write(GrammarInputs.json(vocabulary, files, tokenize), to: file)
        }
        var run = GrammarRun(vocabulary: vocabulary, tokenize: tokenize)
        for file in files { run.walk(file) }
        let report = run.report
        print(report.table.text)
        try ReportFile.write(report.json, to: options.reportFile)
        if let file = options.failureFile {
            let lines = report.failures.map { "\($0.file): \($0.reason)\n" }
            try Data(lines.joined().utf8).write(to: URL(filePath: file))
        }
    }
}
