/// Where engines are cached, and how much of the disk they may take.
package struct CacheSettings: Sendable, Hashable {
    /// The variable that says where.
    package static let directoryVariable = "TRTLLM_SERVE_ENGINE_CACHE"
    /// The variable that says how much.
    package static let limitVariable = "TRTLLM_SERVE_ENGINE_CACHE_LIMIT"

    /// The folder.
    package var directory: String
    /// Most bytes of all engines together; `nil`: a quarter of the file system.
    package var limit: Int?

    /// Settings.
    package init(directory: String, limit: Int? = nil) {
        self.directory = directory
        self.limit = limit
    }

    /// What the environment says; `nil` if it has no place for caches at all.
    ///
    /// - Throws: `CacheSettingError` for a value that can't be used.
    package init?(environment: [String: String]) throws(CacheSettingError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let directory = value(Self.directoryVariable) {
            self.directory = directory
        } else if let caches = value("XDG_CACHE_HOME"), caches.hasPrefix("/") {
            directory = caches + "/trtllm-serve/engines"
        } else if let home = value("HOME") {
            directory = home + "/.cache/trtllm-serve/engines"
        } else {
            return nil
        }
        limit = try value(Self.limitVariable).map { text throws(CacheSettingError) in
            guard let bytes = Self.bytes(text) else { throw CacheSettingError(value: String(text.prefix(64))) }
            return bytes
        }
    }

    /// A size as people write it: "20GB", "512 MiB", "0".
    static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        let units: [String: Double] = [
            "": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30,
            "tib": 0x1p40,
        ]
        guard let number = Double(digits), let factor = units[unit] else { return nil }
        return Int(exactly: (number * factor).rounded())
    }
}

/// A size of the cache that can't be used.
package struct CacheSettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was given.
    package let value: String

    /// What it should be.
    package var description: String {
        "\(CacheSettings.limitVariable) is '\(value)', but must be a size such as 20GB, 512MiB or 0"
    }
}
