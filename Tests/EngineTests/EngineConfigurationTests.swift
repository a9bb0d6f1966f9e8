import Engine
import Testing

@Suite struct EngineConfigurationTests {
    @Test func thePolicyNamesAreThoseOfTheReference() {
        #expect(CapacityPolicy(rawValue: "GUARANTEED_NO_EVICT") == .guaranteedNoEvict)
        #expect(CapacityPolicy(rawValue: "MAX_UTILIZATION") == .maxUtilization)
    }
}
