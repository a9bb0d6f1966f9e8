internal import Foundation
internal import Glibc
package import Hub

/// Where the model lies that the command line names: a path that is there, else a name on a hub.
package struct ModelLocation {
    /// What is wanted of it.
    package enum Purpose {
        /// All of it.
        case serving
        /// Its tokenizer and its chat template.
        case text
    }

    package let model: String
    package let revision: String?

    /// What a command line says.
    package init(model: String, revision: String?) {
        self.model = model
        self.revision = revision
    }

    /// Whether it is a path that is there.
    package var isLocal: Bool { Self.isLocal(model) }

    /// Whether something is there under a path.
    package static func isLocal(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The path, after downloading what is missing.
    ///
    /// - Throws: `StartupError` when the text is neither, or `HubError`.
    package func path(for purpose: Purpose, _ listener: ModelHub.Listener) async throws -> String {
        if isLocal {
            guard revision == nil else {
                throw StartupError.invalid("--revision is for models of a hub, and \(model) is a path that is there")
            }
            return model
        }
        let name = try name()
        let revision = try revision.map(HubRevision.init) ?? .main
        let settings = try HubSettings(environment: ProcessInfo.processInfo.environment)
        let hub = ModelHub(
            settings: settings,
            userAgent: "trtllm-serve/\(programVersion)",
            listener: listener
        )
        switch purpose {
        case .serving: return try await hub.model(name, revision: revision)
        case .text: return try await hub.textFiles(name, revision: revision)
        }
    }

    private func name() throws(StartupError) -> HubModelName {
        do {
            return try HubModelName(model)
        } catch {
            throw .invalid("\(model): there is no such file or directory, and \(error)")
        }
    }
}

extension ModelHub.Listener {
    /// Tells on standard error, for commands that keep no log.
    package static func standardError(_ model: String) -> ModelHub.Listener {
        let display = ProgressDisplay("downloading \(model)") { StandardStreams.complain($0) }
        return ModelHub.Listener(
            note: { StandardStreams.complain($0) },
            progress: { display.update($0) }
        )
    }
}

extension ProgressDisplay {
    /// Takes how far a download is.
    package func update(_ progress: DownloadProgress) {
        update(progress.share, amount: "\(ByteSize(progress.bytes)) of \(ByteSize(progress.totalBytes))")
    }
}
