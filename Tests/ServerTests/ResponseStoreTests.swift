import Server
import Synchronization
import Testing

@Suite struct ResponseStoreTests {
    private static func entry(_ bytes: Int) -> ResponseStore.Entry {
        ResponseStore.Entry(object: Array(repeating: 0, count: bytes), input: [], conversation: [])
    }

    private static func store(count: Int = 3, bytes: Int = 100, seconds: Double = 10) -> ResponseStore {
        ResponseStore(ResponseStore.Limits(count: count, bytes: bytes, seconds: seconds))
    }

    /// Which of some names are there.
    private static func names(_ store: ResponseStore, now: Double = 0) -> String {
        "abcdef".filter { store.get(String($0), now: now) != nil }
    }

    @Test func theOldestGoWhenThereAreTooMany() {
        let store = Self.store()
        for name in "abcde" { store.put(String(name), Self.entry(1), now: 0) }
        #expect(Self.names(store) == "cde")
    }

    @Test func theOldestGoWhenTheyAreTooLarge() {
        let store = Self.store()
        for name in "ab" { store.put(String(name), Self.entry(50), now: 0) }
        store.put("c", Self.entry(60), now: 0)
        #expect(Self.names(store) == "c")
        #expect(!store.put("d", Self.entry(101), now: 0))
        #expect(Self.names(store) == "c")
    }

    @Test func eachIsKeptForATime() {
        let store = Self.store()
        store.put("a", Self.entry(1), now: 0)
        store.put("b", Self.entry(1), now: 5)
        #expect(Self.names(store, now: 9.9) == "ab")
        #expect(Self.names(store, now: 10) == "b")
        #expect(Self.names(store, now: 15) == "")
    }

    @Test func oneThatGrowsMakesRoomForItself() {
        let store = Self.store()
        for name in "ab" { store.put(String(name), Self.entry(40), now: 0) }
        store.update("b", now: 0) { _ in Self.entry(70) }
        #expect(Self.names(store) == "b")
        store.update("a", now: 0) { _ in Self.entry(1) }
        #expect(Self.names(store) == "b")
    }

    @Test func oneThatGrowsBeyondAllGoesAlone() {
        let ended = Mutex<[ResponseStore.End]>([])
        let store = Self.store()
        for name in "ab" { store.put(String(name), Self.entry(40), now: 0) }
        store.update("b", now: 0) { _ in
            var entry = Self.entry(101)
            entry.cancel = { reason in ended.withLock { $0.append(reason) } }
            return entry
        }
        #expect(Self.names(store) == "a")
        #expect(ended.withLock { $0 }.isEmpty)
        store.update("a", now: 0) { entry in
            var entry = entry
            entry.cancel = { reason in ended.withLock { $0.append(reason) } }
            return entry
        }
        store.update("a", now: 0) { _ in Self.entry(101) }
        #expect(Self.names(store) == "" && ended.withLock { $0 } == [.dropped])
    }

    @Test func whatGoesEndsItsWork() {
        let ended = Mutex<[ResponseStore.End]>([])
        let store = Self.store(count: 1)
        for name in ["a", "b"] {
            var entry = Self.entry(1)
            entry.cancel = { reason in ended.withLock { $0.append(reason) } }
            store.put(name, entry, now: 0)
        }
        #expect(ended.withLock { $0 } == [.dropped])
        #expect(store.delete("b", now: 0) && !store.delete("b", now: 0))
        #expect(ended.withLock { $0 } == [.dropped, .unwanted])
    }

    @Test func manyDeletedOnesLeaveNothing() {
        let store = Self.store(count: 1000, bytes: 1000)
        for round in 0..<5000 {
            store.put("r\(round)", Self.entry(1), now: 0)
            #expect(store.delete("r\(round)", now: 0))
        }
        for name in "abc" { store.put(String(name), Self.entry(300), now: 0) }
        #expect(Self.names(store) == "abc")
    }

    @Test func aStoreOfNoneKeepsNone() {
        let store = Self.store(count: 0)
        #expect(!store.put("a", Self.entry(1), now: 0))
        #expect(Self.names(store) == "")
    }
}
