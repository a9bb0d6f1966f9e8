internal import Foundation
internal import OrderedJSON

/// Where figures go that other programs read.
enum ReportFile {
    /// Writes one line of JSON when a file is named.
    static func write(_ report: JSONValue, to file: String?) throws {
        if let file { try Data(report.serialized + [0x0A]).write(to: URL(filePath: file)) }
    }
}
