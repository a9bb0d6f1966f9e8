internal import Checkpoints
internal import Crypto

/// Computes the hash of a content while its bytes go by.
struct ContentHasher {
    private enum State {
        case sha256(SHA256)
        case sha1(Insecure.SHA1)
    }
    private var state: State

    /// A hasher of the kind of `digest`, for a content of `size` bytes.
    init(like digest: HexDigest, size: Int) {
        switch digest {
        case .sha256: state = .sha256(SHA256())
        case .gitBlob:
            var hash = Insecure.SHA1()
            hash.update(data: Array("blob \(size)\0".utf8))
            state = .sha1(hash)
        }
    }

    /// Takes the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .sha256(var hash):
            hash.update(bufferPointer: bytes)
            state = .sha256(hash)
        case .sha1(var hash):
            hash.update(bufferPointer: bytes)
            state = .sha1(hash)
        }
    }

    /// The hash of all that was taken, in hexadecimal.
    func digest() -> String {
        switch state {
        case .sha256(let hash): hash.finalize().hexadecimal
        case .sha1(let hash): hash.finalize().hexadecimal
        }
    }
}
