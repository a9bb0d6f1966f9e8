import Foundation
import Testing

/// Imports go downstairs only, and a target imports only what the manifest declares for it.
@Suite struct ImportTests {
    /// The storeys from top to bottom.
    static let storeys = ["App", "Front", "Text", "Engine", "Model", "Compute", "Base"]
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    /// Target name -> index of its storey, read from the folders.
    static let level: [String: Int] = storeys.enumerated().reduce(into: [:]) { level, storey in
        let folder = root.appending(path: "Sources/\(storey.element)").path
        for target in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            level[target] = storey.offset
        }
    }

    /// Target name -> its declared dependencies among this package's targets, read from the manifest.
    static func declaredDependencies() throws -> [String: [String]] {
        let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        return manifest.matches(of: /\b(room|program)\(([^()]*)\)/).reduce(into: [:]) { declared, call in
            let names = call.2.matches(of: /"([A-Za-z\-]+)"/).map { String($0.1) }.dropFirst(call.1 == "room" ? 1 : 0)
            if let target = names.first { declared[target] = names.dropFirst().filter { level[$0] != nil } }
        }
    }

    @Test func everyFolderIsATargetOfTheManifest() throws {
        let declared = try Self.declaredDependencies()
        #expect(Set(declared.keys).union(["CPUKernels", "CRanks", "CMPI"]) == Set(Self.level.keys))
    }

    @Test func dependenciesGoDownstairs() throws {
        for (target, dependencies) in try Self.declaredDependencies() {
            let floor = try #require(Self.level[target], "\(target) has no folder")
            for other in dependencies {
                let otherFloor = try #require(Self.level[other])
                #expect(otherFloor >= floor, "\(target) may not depend on \(other), which is upstairs")
            }
        }
    }

    @Test func importsAreDeclared() throws {
        let declared = try Self.declaredDependencies()
        var read = 0
        for (target, floor) in Self.level {
            let folder = Self.root.appending(path: "Sources/\(Self.storeys[floor])/\(target)")
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            for case let file as URL in try #require(files) where file.pathExtension == "swift" {
                read += 1
                for line in try String(contentsOf: file, encoding: .utf8).matches(of: Self.importLine) {
                    let other = String(line.1)
                    guard Self.level[other] != nil else { continue }
                    let message: Comment =
                        "\(target) imports \(other) in \(file.lastPathComponent) without declaring it"
                    #expect(declared[target, default: []].contains(other), message)
                }
            }
        }
        #expect(read > 50)
    }

    @Test func onlyTheHubAsksOtherHosts() throws {
        let own = Self.root.appending(path: "Sources/Model/Hub").path + "/"
        let files = FileManager.default.enumerator(
            at: Self.root.appending(path: "Sources"),
            includingPropertiesForKeys: nil
        )
        var importers = 0
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for line in text.matches(of: Self.importLine) where ["AsyncHTTPClient", "NIOSSL"].contains(line.1) {
                importers += 1
                #expect(file.path.hasPrefix(own), "\(file.lastPathComponent) imports \(line.1)")
            }
        }
        #expect(importers > 0)
    }

    nonisolated(unsafe) private static let importLine =
        /(?m)^\s*(?:@\w+(?:\(\w+\))? )*(?:public |package |internal |private |fileprivate )?import (?:\w+ )??(\w+)/
}
