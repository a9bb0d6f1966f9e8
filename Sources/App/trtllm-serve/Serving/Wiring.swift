internal import ChatTemplates
internal import CommandSupport
internal import Foundation
internal import Logging
internal import Parallel
internal import Server
internal import ServiceLifecycle
internal import UnixSignals

/// The one place that knows everything: settings -> server, model, engine, and how they start and stop.
///
///     bind -> load -> serve -> (signal) drain -> stop
struct Wiring {
    private let configuration: ServeConfiguration
    private let chatTemplate: ChatTemplate?
    private let apiKeys: [String]
    private let start: RankStart
    private let logger: Logger

    /// Checks what can be checked before anything is opened.
    ///
    /// - Throws: `StartupError` when the chat template can't be read or compiled, the keys can't be read, profiles can't be
    ///   written, or other ranks were started than the settings ask for.
    init(_ configuration: ServeConfiguration) throws(StartupError) {
        self.configuration = configuration
        chatTemplate = try configuration.chatTemplate.map { argument throws(StartupError) in
            try ChatTemplateSource.template(argument)
        }
        if let directory = configuration.profileDirectory, access("\(directory)/.", W_OK | X_OK) != 0 {
            throw .invalid("--profile_dir is \(directory), which isn't a directory that can be written to")
        }
        apiKeys = try configuration.keys.all(environment: ProcessInfo.processInfo.environment)
        start = try RankStart(
            configuration.ranks,
            facts: configuration.rankFacts,
            arguments: CommandLine.arguments,
            environment: ProcessInfo.processInfo.environment
        )
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let label = start.isShared ? "trtllm-serve rank \(start.identity?.rank ?? 0)" : "trtllm-serve"
        var logger = Logger(label: label)
        logger.logLevel = configuration.logLevel.level
        self.logger = logger
    }

    /// Serves until a signal has been drained.
    ///
    /// - Throws: an error for people when the port can't be bound or the model can't be loaded.
    func run() async throws {
        logger.info("trtllm-serve \(programVersion)", metadata: configuration.metadata)
        if start.isWorker { return try await RankDuty(configuration, start, logger).run() }
        if !apiKeys.isEmpty { logger.info("requests need one of \(apiKeys.count) keys") }
        for note in configuration.notes { logger.notice("\(note)") }
        if start.isShared, configuration.ranks.restarts, !start.canRestart {
            logger.notice("--restart_workers has no effect: a launcher has started the ranks, and may start them again")
        }
        SecondSignal(logger: logger).watch()
        let application = ServingApplication(configuration: serving, logger: logger)
        let loader = LoaderService(
            application: application,
            loading: ModelLoading(configuration: configuration, chatTemplate: chatTemplate, logger: logger),
            start: start,
            logger: logger,
        )
        // Services are shut down from the last to the first: the server drains before the engine stops. A model that
        // can't be loaded shuts the server down as a signal does, rather than cancelling it in the middle of an answer.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: loader, failureTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: application),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quietLogger,
        )
        group.maximumGracefulShutdownDuration = .seconds(serving.drainTimeout + 5)
        try await ServiceGroup(configuration: group).run()
    }

    private var serving: ServingConfiguration {
        var serving = ServingConfiguration(
            host: configuration.host,
            port: configuration.port,
            modelName: configuration.servedModelName,
            version: programVersion,
        )
        configuration.limits.apply(to: &serving)
        serving.apiKeys = apiKeys
        serving.timedRequests = configuration.timedRequests
        serving.profileDirectory = configuration.profileDirectory
        return serving
    }

    /// For the service group, which tells at `info` what our own lines tell.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}
