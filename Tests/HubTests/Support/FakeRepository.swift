import Crypto
import NIOHTTP1

/// A repository that answers as a hub does: a listing with hashes, files, and large files sent on to another address.
struct FakeRepository: Sendable {
    struct File: Sendable {
        var path: String
        var bytes: [UInt8]
        /// Kept outside Git: its hash is SHA-256.
        var isLarge = false

        var blobID: String {
            var hash = Insecure.SHA1()
            hash.update(data: Array("blob \(bytes.count)\0".utf8))
            hash.update(data: bytes)
            return Self.hexadecimal(hash.finalize())
        }
        var sha256: String { Self.hexadecimal(SHA256.hash(data: bytes)) }
        var tag: String { isLarge ? sha256 : blobID }

        private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    var name = "org/name"
    var commit = String(repeating: "c0ffee12", count: 5)
    var files: [File]
    /// Where large files are kept; here when it is empty.
    var storage = ""
    /// Whether the listing has sizes and hashes.
    var describes = true

    func file(_ path: String) -> File? { files.first { $0.path == path } }

    /// The answer of a hub that has only this.
    func answer(_ request: FakeHost.Request) -> FakeHost.Reply {
        let path = request.uri.split(separator: "?")[0]
        if path.hasPrefix("/api/models/\(name)/revision/") {
            let revision = path.split(separator: "/").last ?? ""
            guard revision == "main" || revision == commit else {
                return .json("{}", 404, ["X-Error-Code": "RevisionNotFound"])
            }
            return .json(listing)
        }
        let start = "/\(name)/resolve/\(commit)/"
        if path.hasPrefix(start) {
            guard let file = file(String(path.dropFirst(start.count))) else {
                return .json("", 404, ["X-Error-Code": "EntryNotFound"])
            }
            return answer(request, file)
        }
        return .json("{}", 401, ["X-Error-Code": "RepoNotFound"])
    }

    private func answer(_ request: FakeHost.Request, _ file: File) -> FakeHost.Reply {
        let about: HTTPHeaders = ["X-Repo-Commit": commit, "ETag": "\"\(file.tag)\""]
        guard file.isLarge, !storage.isEmpty else { return Self.content(file.bytes, request, about) }
        var headers: HTTPHeaders = ["X-Linked-Etag": "\"\(file.tag)\"", "X-Linked-Size": "\(file.bytes.count)"]
        headers.add(contentsOf: ["X-Repo-Commit": commit])
        return .redirect(to: "\(storage)/\(file.tag)?signature=x", headers)
    }

    /// Bytes, or the part of them that is asked for.
    static func content(_ bytes: [UInt8], _ request: FakeHost.Request, _ headers: HTTPHeaders = [:]) -> FakeHost.Reply {
        guard let start = request.rangeStart else { return .init(headers: headers, body: bytes) }
        guard start < bytes.count else { return .status(416) }
        var headers = headers
        headers.add(name: "Content-Range", value: "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")
        return .init(status: 206, headers: headers, body: Array(bytes[start...]))
    }

    /// The answer of the host that keeps large files.
    func stored(_ request: FakeHost.Request) -> FakeHost.Reply {
        let tag = request.uri.dropFirst().prefix { $0 != "?" }
        guard let file = files.first(where: { $0.tag == tag }) else { return .status(404) }
        return Self.content(file.bytes, request)
    }

    private var listing: String {
        let siblings = files.map { file in
            var members = ["\"rfilename\":\"\(file.path)\""]
            if describes {
                members += ["\"size\":\(file.bytes.count)", "\"blobId\":\"\(file.blobID)\""]
                if file.isLarge {
                    members.append(
                        "\"lfs\":{\"sha256\":\"\(file.sha256)\",\"size\":\(file.bytes.count),\"pointerSize\":130}"
                    )
                }
            }
            return "{\(members.joined(separator: ","))}"
        }
        return "{\"id\":\"\(name)\",\"sha\":\"\(commit)\",\"siblings\":[\(siblings.joined(separator: ","))]}"
    }
}

extension FakeRepository {
    /// A checkpoint of one file of weights, with files beside it that nobody needs.
    static let checkpoint = FakeRepository(files: [
        File(path: "README.md", bytes: Array("read me".utf8)),
        File(path: "config.json", bytes: Array("{\"model_type\": \"x\"}".utf8)),
        File(path: "model.safetensors", bytes: bytes(300_000, seed: 1), isLarge: true),
        File(path: "onnx/model.onnx", bytes: bytes(50_000, seed: 2), isLarge: true),
        File(path: "pytorch_model.bin", bytes: bytes(300_000, seed: 3), isLarge: true),
        File(path: "tokenizer.json", bytes: Array("{}".utf8)),
    ])

    /// Bytes without a pattern.
    static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }
}
