internal import CPUKernels
internal import Glibc

/// An instruction set that kernels exist for; results are the same on all.
public enum KernelLevel: Int, Sendable, Hashable, CaseIterable, Comparable {
    case generic = 0
    case avx2 = 1
    case avx512 = 2

    /// Orders levels by what they ask of the machine.
    public static func < (left: KernelLevel, right: KernelLevel) -> Bool { left.rawValue < right.rawValue }

    /// The levels whose instructions this machine has, lowest first.
    public static let available: [KernelLevel] = {
        let highest = min(Int(matmul_kernels_highest_level()), Int(layer_kernels_highest_level()))
        return allCases.filter { $0.rawValue <= highest }
    }()

    /// The level in force: the highest, or what `TRTLLM_SERVE_KERNELS` names.
    ///
    /// Read once per process. A name that can't be used is reported by `checkForced`; until then the highest is used.
    public static let chosen: KernelLevel = forced.flatMap { try? $0.get() } ?? available.last ?? .generic

    private static let forced: Result<KernelLevel, TensorError>? = {
        guard let name = getenv("TRTLLM_SERVE_KERNELS").map({ String(cString: $0) }), !name.isEmpty else { return nil }
        guard let level = available.first(where: { "\($0)" == name }) else {
            return .failure(.kernelsUnavailable(name: name, available: available.map { "\($0)" }))
        }
        return .success(level)
    }()

    /// Checks the environment's choice.
    ///
    /// - Throws: `TensorError.kernelsUnavailable` if it names a level that this machine or this program doesn't have.
    public static func checkForced() throws(TensorError) {
        if case .failure(let error) = forced { throw error }
    }

    /// The level's matmul kernels.
    var matmul: UnsafePointer<MatmulKernels> { matmul_kernels_for_level(Int32(rawValue)) }
}
