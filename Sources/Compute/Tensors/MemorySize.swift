/// Sizes of memory from numbers that may come from outside: what is too large stays `Int.max`, which can't be had, instead
/// of ending the process.
package enum MemorySize {
    /// The product of sizes that aren't negative.
    package static func product(_ factors: Int...) -> Int { product(factors) }

    /// The same of a list.
    package static func product(_ factors: [Int]) -> Int {
        factors.reduce(1) { product, factor in
            let (result, overflow) = product.multipliedReportingOverflow(by: factor)
            return overflow ? .max : result
        }
    }

    /// The sum of sizes that aren't negative.
    package static func sum(_ terms: [Int]) -> Int {
        terms.reduce(0) { sum, term in
            let (result, overflow) = sum.addingReportingOverflow(term)
            return overflow ? .max : result
        }
    }
}
