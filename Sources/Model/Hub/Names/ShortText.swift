extension String {
    /// The text for a message to people: what a stranger sent is cut after 64 characters and can't steer a terminal.
    var shortened: String {
        let most = 64
        let shown = unicodeScalars.prefix(most).map { $0.properties.generalCategory.isPrintable ? Character($0) : "?" }
        return String(shown) + (unicodeScalars.count > most ? "..." : "")
    }
}

extension Unicode.GeneralCategory {
    /// Neither a control character nor one that only changes how others are shown.
    fileprivate var isPrintable: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
