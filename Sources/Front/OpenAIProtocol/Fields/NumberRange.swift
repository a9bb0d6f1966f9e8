/// What a number may be, with the words that say so.
///
/// Numbers are `Float` from here on: bounds that exclude 0 hold after rounding too.
package struct NumberRange: Sendable, Hashable {
    /// The words of a message: "must be in [0, 1]".
    let words: String
    /// The least number.
    package let minimum: Double
    /// The greatest.
    package let maximum: Double
    /// Whether the least itself is left out.
    package let excludesMinimum: Bool

    private init(_ words: String, _ range: ClosedRange<Double>, excludesMinimum: Bool = false) {
        self.words = words
        minimum = range.lowerBound
        maximum = range.upperBound
        self.excludesMinimum = excludesMinimum
    }

    private static let greatest = Double(Float.greatestFiniteMagnitude)
    private static let least = Double(Float.leastNormalMagnitude)

    /// Every `Float` that is one.
    package static let any = NumberRange("in [-3.4e38, 3.4e38]", -greatest...greatest)
    /// 0 and above.
    package static let notNegative = NumberRange("in [0, 3.4e38]", 0...greatest)
    /// Above 0.
    package static let positive = NumberRange("in [1.2e-38, 3.4e38]", least...greatest)
    /// From 0 to 1.
    package static let probability = NumberRange("in [0, 1]", 0...1)
    /// Above 0, up to 1.
    package static let positiveProbability = NumberRange("in (0, 1]", 0...1, excludesMinimum: true)
    /// What may be added to a logit.
    package static let bias = NumberRange("in [-100, 100]", -100...100)

    /// Whether a number is in the range.
    func contains(_ number: Double) -> Bool {
        number <= maximum && (excludesMinimum ? number > minimum : number >= minimum)
    }

    /// The number as `Float`, not rounded to a 0 that the range leaves out.
    func rounded(_ number: Double) -> Float {
        let float = Float(number)
        return float == 0 && !contains(0) ? .leastNormalMagnitude : float
    }
}
