import CommandSupport
import Testing

@Suite struct ByteSizeTests {
    @Test(arguments: [
        (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1 << 20, "1 MiB"),
        ((1 << 20) - 1, "1 MiB"), ((1 << 20) - 200, "1023.8 KiB"), (2 << 30, "2 GiB"), (737_280_000, "703.1 MiB"),
        (.max, "8 EiB"), (-2048, "-2 KiB"), (.min, "-8 EiB"),
    ]) func isWrittenInTheLargestUnitThereIsOneOf(bytes: Int, text: String) {
        #expect("\(ByteSize(bytes))" == text)
    }
}
