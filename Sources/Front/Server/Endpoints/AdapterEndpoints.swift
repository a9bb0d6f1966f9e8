import Engine
import Generation
import HTTPTypes
import Logging
import Models
import OpenAIProtocol

/// Adapters by name, while the server runs.
extension Endpoint {
    /// Gives a directory a name.
    static let loadAdapter = Endpoint(
        post: "/v1/load_lora_adapter",
        name: "loadLoraAdapter",
        "Loads a LoRA adapter from a directory of the server.",
        answers: [DescribedAnswer("loaded", .text("text/plain"))],
    ) { responder, request, model in .whole(try await responder.loadAdapter(request, model)) }.failing(403, 404)

    /// Takes a name away.
    static let unloadAdapter = Endpoint(
        post: "/v1/unload_lora_adapter",
        name: "unloadLoraAdapter",
        "Forgets a LoRA adapter; requests that use it run to their end.",
        answers: [DescribedAnswer("unloaded", .text("text/plain"))],
    ) { responder, request, model in .whole(try await responder.unloadAdapter(request, model)) }.failing(403, 404)
}

extension Responder {
    func loadAdapter(_ request: LoadAdapterRequest, _ model: ServingModel) async throws -> Reply {
        let library = try changeable(model)
        try await library.add(name: request.name, path: request.path, replaces: request.replaces)
        logger.info("loaded the adapter \(request.name) from \(request.path)")
        return Reply(.ok, text: "Success: LoRA adapter '\(request.name)' added successfully.")
    }

    func unloadAdapter(_ request: UnloadAdapterRequest, _ model: ServingModel) async throws -> Reply {
        try await changeable(model).remove(name: request.name)
        logger.info("unloaded the adapter \(request.name)")
        return Reply(.ok, text: "Success: LoRA adapter '\(request.name)' removed successfully.")
    }

    /// The adapters, if clients may change which there are.
    private func changeable(_ model: ServingModel) throws(ErrorBody) -> AdapterLibrary {
        guard let library = model.adapters, library.allowsAnyPath else {
            let message =
                "adapters can't be loaded or unloaded over the network unless the server is started with "
                + "--allow_runtime_lora_updating"
            throw ErrorBody(status: 403, message: message, type: "PermissionDeniedError")
        }
        return library
    }

    /// The adapter that a request is computed with: that of its `lora_request`, else the one that its `model` names.
    func adapter(_ name: String, _ reference: AdapterReference?, _ model: ServingModel) async throws -> Adapter? {
        guard let library = model.adapters else {
            guard reference == nil else {
                let message = "lora_request needs a server that is started with --enable_lora or --lora_modules"
                throw ErrorBody(status: 400, message: message, type: "BadRequestError", param: "lora_request")
            }
            return nil
        }
        guard let reference else {
            return library.isModel(name) ? try await library.adapter(named: name) : nil
        }
        try await add(reference, to: library)
        return try await library.adapter(named: reference.name)
    }

    /// Makes the adapter of a request known, if it isn't and may be.
    private func add(_ reference: AdapterReference, to library: AdapterLibrary) async throws {
        guard let path = reference.path else { return }
        if let known = library.entry(named: reference.name) {
            guard known.path == path else { throw AdapterError.nameTaken(name: reference.name, path: known.path) }
            return
        }
        guard library.allows(path: path) else {
            let message =
                "lora_request.lora_path must be in a directory of lora_dir, unless the server is started with "
                + "--allow_runtime_lora_updating"
            throw ErrorBody(
                status: 403,
                message: message,
                type: "PermissionDeniedError",
                param: "lora_request.lora_path"
            )
        }
        do {
            try await library.add(name: reference.name, path: path, isModel: library.allowsAnyPath)
        } catch AdapterError.nameTaken(_, path) {
            // Another request was quicker.
        }
    }
}

extension ErrorBody {
    /// Why an adapter can't be used.
    init(_ error: AdapterError) {
        let message = error.description
        switch error {
        case .unknown, .missing: self.init(status: 404, message: message, type: "NotFoundError", param: "lora_name")
        case .busy: self.init(status: 429, message: message, type: "RateLimitError", param: "lora_name")
        case .failed: self.init(status: 503, message: message, type: "ServiceUnavailableError")
        case .nameTaken, .badName, .unusable, .tooMany:
            self.init(status: 400, message: message, type: "BadRequestError", param: "lora_name")
        }
    }
}
