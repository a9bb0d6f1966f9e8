import Tensors
import Testing

@Suite struct HostTests {
    static func group(_ files: [String: String]) -> ControlGroup { ControlGroup { files[$0] } }

    @Test func theUnifiedHierarchysQuotaIsTheTightestOnTheWayUp() {
        let group = Self.group([
            "/proc/self/cgroup": "0::/a/b", "/sys/fs/cgroup/a/b/cpu.max": "max 100000",
            "/sys/fs/cgroup/a/cpu.max": "250000 100000", "/sys/fs/cgroup/a/b/memory.max": "1000",
            "/sys/fs/cgroup/a/b/memory.current": "400", "/sys/fs/cgroup/a/memory.max": "max",
        ])
        #expect(group.cpuQuota == 2)
        #expect(group.availableMemory == 600)
    }

    @Test func theLegacyHierarchyIsReadToo() {
        let group = Self.group([
            "/proc/self/cgroup": "4:memory:/m\n3:cpu,cpuacct:/c\n0::/",
            "/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us": "50000",
            "/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us": "100000",
            "/sys/fs/cgroup/memory/m/memory.limit_in_bytes": "5000",
            "/sys/fs/cgroup/memory/m/memory.usage_in_bytes": "6000",
        ])
        #expect(group.cpuQuota == 1)
        #expect(group.availableMemory == 0)
    }

    @Test func pagesOfFilesCountAsFreeMemory() {
        let folder = "/sys/fs/cgroup/pod/app"
        let files = [
            "/proc/self/cgroup": "0::/pod/app", folder + "/memory.max": "8000", folder + "/memory.current": "7000",
            folder + "/memory.stat": "anon 900\nfile 6000\ninactive_file 5000\nactive_file 1000\nslab 100",
            "/sys/fs/cgroup/pod/memory.max": "100000", "/sys/fs/cgroup/pod/memory.current": "92000",
        ]
        #expect(Self.group(files).availableMemory == 7000)
        // What the cache of one level holds is no free memory of another.
        #expect(Self.group(files.merging([folder + "/memory.max": "50000"]) { $1 }).availableMemory == 8000)
    }

    @Test func pagesOfFilesCountAsFreeInTheLegacyHierarchyWithThoseOfGroupsBelow() {
        let folder = "/sys/fs/cgroup/memory/m"
        let group = Self.group([
            "/proc/self/cgroup": "4:memory:/m", folder + "/memory.limit_in_bytes": "5000",
            folder + "/memory.usage_in_bytes": "4900",
            folder + "/memory.stat": "inactive_file 7\nactive_file 7\ntotal_inactive_file 3000\ntotal_active_file 500",
        ])
        #expect(group.availableMemory == 3600)
    }

    @Test(arguments: [
        ("", 3000), ("inactive_file", 3000), ("inactive_file many", 3000), ("inactive_file -5", 3000),
        ("inactive_file 9223372036854775807\nactive_file 9223372036854775807", 5000), ("xinactive_file 9", 3000),
    ]) func oddStatisticsNeverGiveMoreThanTheLimit(statistics: String, available: Int) {
        let group = Self.group([
            "/proc/self/cgroup": "0::/", "/sys/fs/cgroup/memory.max": "5000", "/sys/fs/cgroup/memory.current": "2000",
            "/sys/fs/cgroup/memory.stat": statistics,
        ])
        #expect(group.availableMemory == available)
    }

    @Test func noLimitIsNoLimit() {
        let group = Self.group([
            "/proc/self/cgroup": "1:cpu:/", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
            "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712", "/sys/fs/cgroup/cpu.max": "garbage",
        ])
        #expect(group.cpuQuota == nil)
        #expect(group.availableMemory == nil)
    }

    @Test func threadsAreTheSmallestNumberAndAtLeastOne() {
        #expect(HostTopology(affinity: 8, quota: nil, physicalCores: 4).threadCount == 4)
        #expect(HostTopology(affinity: 8, quota: 2, physicalCores: 4).threadCount == 2)
        #expect(HostTopology(affinity: 0, quota: nil, physicalCores: 0).threadCount == 1)
        #expect(HostTopology.current.threadCount >= 1)
    }

    @Test func memoryIsReadFromTheKernelsTable() {
        #expect(HostMemory.availableBytes("MemTotal: 9 kB\nMemAvailable:   123 kB\n") == 123 * 1024)
        #expect(HostMemory.availableBytes("MemTotal: 9 kB\n") == nil)
        #expect(HostMemory.available > 0)
        #expect(HostMemory.resident > 0)
    }
}
