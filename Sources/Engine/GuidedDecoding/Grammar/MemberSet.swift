/// Members in any order, each name at most once: a JSON object, or an array of unique values from a finite set.
///
///     open (member (separator member)*)? close
///
/// A member is one of `named`, its name and then its value, or one of `others`. Words of `others`' names that are also
/// names of `named` or of `forbidden` don't count, so a name is never read in two ways; where several of `others` match a
/// name, each of them may be the one that is meant.
package struct MemberSet: Sendable {
    /// A member whose name is known.
    package struct Named: Sendable {
        /// The name as it is written, quotes included if there are any; no other name may begin with it, which holds
        /// for all that end in a delimiter.
        package var name: [UInt8]
        /// What follows the name: the colon with its spaces and the value; `sequence([])` if nothing does.
        package var value: GrammarNode
        /// Whether it has to be there.
        package var isRequired: Bool
        /// Places in `named` of members that have to be there when this one is.
        package var requires: [Int]

        /// A member.
        package init(name: [UInt8], value: GrammarNode, isRequired: Bool = false, requires: [Int] = []) {
            self.name = name
            self.value = value
            self.isRequired = isRequired
            self.requires = requires
        }
    }

    /// Any number of members whose names match an expression.
    package struct Other: Sendable {
        /// The names as they are written; doesn't match the empty word.
        package var name: Expression
        /// What follows the name.
        package var value: GrammarNode
        /// Whether there has to be at least one.
        package var isRequired: Bool

        /// Members whose names match an expression.
        package init(name: Expression, value: GrammarNode, isRequired: Bool = false) {
            self.name = name
            self.value = value
            self.isRequired = isRequired
        }
    }

    /// What stands before the members: a brace and spaces.
    package var open: Expression
    /// What stands between members; doesn't match the empty word.
    package var separator: Expression
    /// What stands behind the members; doesn't match the empty word.
    package var close: Expression
    /// The members with known names.
    package var named: [Named]
    /// Names that no member may have.
    package var forbidden: [[UInt8]]
    /// The members with other names.
    package var others: [Other]
    /// How many members there are at least and at most (nil: any number).
    package var minimum: Int
    /// See `minimum`.
    package var maximum: Int?

    /// A set of members.
    package init(
        open: Expression,
        separator: Expression,
        close: Expression,
        named: [Named] = [],
        forbidden: [[UInt8]] = [],
        others: [Other] = [],
        minimum: Int = 0,
        maximum: Int? = nil
    ) {
        self.open = open
        self.separator = separator
        self.close = close
        self.named = named
        self.forbidden = forbidden
        self.others = others
        self.minimum = minimum
        self.maximum = maximum
    }
}
