/// A short name for everything that decides what a server answers: its version, its model, its settings.
public enum SystemFingerprint {
    /// `fp_` and 16 hexadecimal digits, the same for the same parts in the same order.
    public static func text(of parts: [String]) -> String {
        // FNV-1a, 64 bits; 0 ends a part, so that parts can't run into one another.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in Array(part.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        let digits = String(hash, radix: 16)
        return "fp_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
