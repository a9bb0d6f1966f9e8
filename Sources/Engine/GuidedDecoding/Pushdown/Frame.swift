/// What comes after what is being read: one entry of a stack that is never changed and shares what is below it.
struct Frame: Sendable, Equatable {
    enum Kind: UInt8, Sendable {
        /// The end of the output.
        case bottom
        /// Any of the stacks in list `place`.
        case either
        /// Part `count` of sequence `place`, and those behind it.
        case sequence
        /// A round of repetition `place` has ended, `count` of them in all.
        case repetition
        /// Members of set `place` behind its opening.
        case opened
        /// A name of set `place`, `allowed` are the numbers of those that may come.
        case name
        /// What follows name `extra`; below is a frame of kind `name`.
        case named
        /// What follows a name of the other members `extra` of set `place`.
        case otherNamed
        /// A member of set `place` has ended.
        case member
        /// The separator of set `place` has ended.
        case separated
    }

    var kind: Kind
    /// Number of a node or of a set of members.
    var place: Int32 = 0
    /// A part's place, or how many rounds or members there were; not counted on where it makes no difference any more.
    var count: Int32 = 0
    /// Which members there were, as the number of a set.
    var seen: Int32 = 0
    /// Which names may come, as the number of a set.
    var allowed: Int32 = 0
    /// Which name it is.
    var extra: Int32 = 0
    /// The frame below.
    var parent: Int32 = 0

    var hash: UInt64 {
        var hash = InternTable.mix(UInt64(kind.rawValue), place)
        for value in [count, seen, allowed, extra, parent] { hash = InternTable.mix(hash, value) }
        return hash
    }
}

/// One way to read an output so far: where it is in an expression, and what comes after that.
struct Reading: Sendable, Hashable {
    /// A state of the automaton; state 1 above the bottom frame is a complete output.
    var state: Int32
    /// The frame on top of the stack.
    var stack: Int32
}
