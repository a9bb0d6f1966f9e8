/// What the two ways of adding up cost.
///
/// Either every rank gets all others' parts and adds them, or every rank adds one piece of them and the others get its sum. The
/// bits are the same.
enum SummingCost {
    /// Bytes that a rank needn't get when the adding is shared out: of (N - 1) x `bytes`, 2 x (N - 1) / N x `bytes` remain.
    static func bytesSaved(of bytes: Int, ranks: Int) -> Int { bytes / ranks * (ranks - 1) * (ranks - 2) }
}
