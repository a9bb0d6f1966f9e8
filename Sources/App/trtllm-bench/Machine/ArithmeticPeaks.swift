internal import Tensors

/// What the units do at most that kernels multiply with, in billions of operations per second.
struct ArithmeticPeaks {
    private let int8: Double
    private let bf16: Double?
    private let f32: Double

    /// Measures the peaks.
    init(_ probe: MachineProbe) {
        int8 = probe.integerPeak()
        bf16 = probe.bfloatPeak()
        f32 = probe.floatPeak()
    }

    /// Names and values, as in the probe's report.
    var figures: [(name: String, value: Double?)] {
        [("int8_gops", int8), ("bf16_gflops", bf16), ("f32_gflops", f32)]
    }

    /// The peak for a form's arithmetic.
    func peak(of form: String) -> (name: String, value: Double) {
        switch form {
        case "f32", "f16": ("f32", f32)
        case "bf16": bf16.map { ("bf16", $0) } ?? ("f32", f32)
        default: ("int8", int8)
        }
    }
}
