import EngineCache
import Testing

@Suite struct CacheSettingsTests {
    @Test func theMostSpecificVariableSaysWhere() throws {
        var environment = ["HOME": "/home/me"]
        #expect(try CacheSettings(environment: environment)?.directory == "/home/me/.cache/trtllm-serve/engines")
        environment["XDG_CACHE_HOME"] = "relative"
        #expect(try CacheSettings(environment: environment)?.directory == "/home/me/.cache/trtllm-serve/engines")
        environment["XDG_CACHE_HOME"] = "/caches"
        #expect(try CacheSettings(environment: environment)?.directory == "/caches/trtllm-serve/engines")
        environment["TRTLLM_SERVE_ENGINE_CACHE"] = "/fast/engines"
        #expect(try CacheSettings(environment: environment)?.directory == "/fast/engines")
        #expect(try CacheSettings(environment: [:]) == nil)
    }

    @Test(arguments: [
        ("0", 0), ("1000", 1000), ("20GB", 20_000_000_000), ("512 MiB", 512 << 20), ("1.5gib", 3 << 29), ("7 kb", 7000),
    ]) func sizesAreReadAsPeopleWriteThem(text: String, bytes: Int) throws {
        let settings = try CacheSettings(environment: ["HOME": "/", "TRTLLM_SERVE_ENGINE_CACHE_LIMIT": text])
        #expect(settings?.limit == bytes)
    }

    @Test(arguments: ["x", "-1", "10 apples", "1e400", "GB", "99999999999999TB", "nan"])
    func whatIsNoSizeIsRefused(text: String) {
        let error = #expect(throws: CacheSettingError.self) {
            try CacheSettings(environment: ["HOME": "/", "TRTLLM_SERVE_ENGINE_CACHE_LIMIT": text])
        }
        #expect(error?.description.contains("'\(text)'") == true)
    }
}
