extension Interpreter {
    /// Whether a comparison holds.
    func compare(_ left: Value, _ sign: ComparisonOperator, _ right: Value) throws(TemplateError) -> Bool {
        switch sign {
        case .equal: try equal(left, right)
        case .notEqual: try !equal(left, right)
        case .less: try ordered(left, right, sign)
        case .greater: try ordered(right, left, sign)
        case .lessOrEqual: try orderedOrEqual(left, right, sign)
        case .greaterOrEqual: try orderedOrEqual(right, left, sign)
        case .isIn: try contains(right, left)
        case .isNotIn: try !contains(right, left)
        }
    }

    /// Python's `==`.
    func equal(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
        try charge(1)
        switch (left, right) {
        case (.string(let left), .string(let right)):
            try charge(bytes: min(left.bytes.count, right.bytes.count))
            return left == right
        case (.undefined, .undefined), (.none, .none): return true
        case (.float(let left), .float(let right)): return left == right
        case (.float(let float), _): return right.asInteger.map { Int(exactly: float) == $0 } ?? false
        case (_, .float(let float)): return left.asInteger.map { Int(exactly: float) == $0 } ?? false
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            if left === right { return true }
            return try equal(left.values, right.values)
        case (.dictionary(let left), .dictionary(let right)):
            if left === right { return true }
            return try equal(left, right)
        case (.range(let left), .range(let right)):
            return left.count == right.count
                && (left.count == 0 || left.start == right.start && (left.count == 1 || left.step == right.step))
        case (.view(let left), .view(let right)):
            guard left.kind == .keys, right.kind == .keys else { return left === right }
            guard left.members.count == right.members.count else { return false }
            try charge(left.members.count)
            for key in left.members.keys where right.members.place(of: try self.key(key)) == nil { return false }
            return true
        default:
            if let left = left.asInteger, let right = right.asInteger { return left == right }
            return try same(left, right)
        }
    }

    /// Whether sequences are equal element by element.
    func equal(_ left: [Value], _ right: [Value]) throws(TemplateError) -> Bool {
        guard left.count == right.count else { return false }
        for (left, right) in zip(left, right) where try !equal(left, right) { return false }
        return true
    }

    private func equal(_ left: Members, _ right: Members) throws(TemplateError) -> Bool {
        guard left.count == right.count else { return false }
        for place in 0..<left.count {
            guard let other = right[try key(left.keys[place])], try equal(left.values[place], other) else {
                return false
            }
        }
        return true
    }

    /// Python's `is`.
    func same(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
        if case .string(let left) = left, case .string(let right) = right {
            try charge(bytes: min(left.bytes.count, right.bytes.count))
            return left == right
        }
        return isSameObject(left, right)
    }

    private func isSameObject(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.none, .none): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.float(let left), .float(let right)): left == right
        case (.undefined(let left), .undefined(let right)): left === right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)): left === right
        case (.dictionary(let left), .dictionary(let right)): left === right
        case (.range(let left), .range(let right)): left === right
        case (.view(let left), .view(let right)): left === right
        case (.lazy(let left), .lazy(let right)): left === right
        case (.namespace(let left), .namespace(let right)): left === right
        case (.loop(let left), .loop(let right)): left === right
        case (.macro(let left), .macro(let right)): left === right
        case (.function(let left), .function(let right)): left == right
        case (.method(let left), .method(let right)): left === right
        case (.cycler(let left), .cycler(let right)): left === right
        case (.joiner(let left), .joiner(let right)): left === right
        default: false
        }
    }

    /// Python's `<`; `sign` is for the message only.
    func ordered(
        _ left: Value,
        _ right: Value,
        _ sign: ComparisonOperator = .less
    ) throws(TemplateError) -> Bool {
        try charge(1)
        switch (left, right) {
        case (.string(let left), .string(let right)):
            try charge(bytes: min(left.bytes.count, right.bytes.count))
            return left < right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            for (left, right) in zip(left.values, right.values) where try !equal(left, right) {
                return try ordered(left, right, sign)
            }
            return left.values.count < right.values.count
        default: break
        }
        if let left = left.asInteger, let right = right.asInteger { return left < right }
        if let left = left.asDouble, let right = right.asDouble { return left < right }
        throw orderFailure(left, right, sign)
    }

    private func orderedOrEqual(
        _ left: Value,
        _ right: Value,
        _ sign: ComparisonOperator
    ) throws(TemplateError) -> Bool {
        switch (left, right) {
        case (.string, .string), (.list, .list), (.tuple, .tuple): return try !ordered(right, left, sign)
        default: break
        }
        if let left = left.asInteger, let right = right.asInteger { return left <= right }
        if let left = left.asDouble, let right = right.asDouble { return left <= right }
        throw orderFailure(left, right, sign)
    }

    private func orderFailure(_ left: Value, _ right: Value, _ sign: ComparisonOperator) -> TemplateError {
        let isSwapped = sign == .greater || sign == .greaterOrEqual
        let (left, right) = isSwapped ? (right, left) : (left, right)
        for value in [left, right] {
            if case .undefined(let undefined) = value { return failure(undefined.message) }
        }
        let types = "instances of '\(left.typeName)' and '\(right.typeName)'"
        return failure("'\(sign.rawValue)' not supported between \(types)")
    }

    /// Python's `in`.
    func contains(_ container: Value, _ value: Value) throws(TemplateError) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = value else {
                throw failure("'in <string>' requires string as left operand, not \(value.typeName)")
            }
            try charge(bytes: text.bytes.count)
            try reserve(part.bytes.count, of: 8)
            return text.bytes.firstRange(of: part.bytes) != nil
        case .dictionary(let members): return members.place(of: try key(value)) != nil
        case .view(let view) where view.kind == .keys: return view.members.place(of: try key(value)) != nil
        case .range(let range):
            return value.asInteger.map(range.contains) ?? false
        case .list(let elements), .tuple(let elements):
            for element in elements.values where try equal(element, value) { return true }
            return false
        case .undefined: return false
        case .view, .lazy, .loop:
            let iterator = try iterator(over: container)
            while let element = try iterator.next() {
                if try equal(element, value) { return true }
            }
            return false
        default: throw failure("argument of type '\(container.typeName)' is not iterable")
        }
    }

    /// Values in order, equal ones in the order they had.
    ///
    /// A merge sort of its own: the standard library's passes no typed errors on.
    func sorted(_ keys: [Value], isDescending: Bool) throws(TemplateError) -> [Int] {
        try reserve(keys.count, of: 16)
        var order = Array(keys.indices)
        var width = 1
        while width < order.count {
            var merged: [Int] = []
            merged.reserveCapacity(order.count)
            for start in stride(from: 0, to: order.count, by: 2 * width) {
                let middle = min(start + width, order.count)
                let end = min(start + 2 * width, order.count)
                var (left, right) = (start, middle)
                while left < middle, right < end {
                    let (a, b) = (keys[order[left]], keys[order[right]])
                    let takesRight = isDescending ? try ordered(a, b) : try ordered(b, a)
                    merged.append(order[takesRight ? right : left])
                    if takesRight { right += 1 } else { left += 1 }
                }
                merged += order[left..<middle]
                merged += order[right..<end]
            }
            order = merged
            width *= 2
        }
        return order
    }
}
