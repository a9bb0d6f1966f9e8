import Glibc
import Synchronization

/// The `date` header field (RFC 9110, 5.6.7), put into words once a second.
enum DateField {
    private static let cache = Mutex<(second: Int, text: String)>((.min, ""))
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func now() -> String {
        let second = time(nil)
        return cache.withLock { cache in
            if cache.second != second { cache = (second, text(second)) }
            return cache.text
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(_ second: Int) -> String {
        let date = UTCDate(seconds: second)
        return "\(days[date.weekday]), \(date.day.padded(2)) \(months[date.month - 1]) \(date.year) "
            + "\(date.hour.padded(2)):\(date.minute.padded(2)):\(date.second.padded(2)) GMT"
    }
}

/// A moment's calendar fields in UTC.
struct UTCDate {
    var year: Int
    /// From 1.
    var month: Int
    /// From 1.
    var day: Int
    /// 0 is Sunday.
    var weekday: Int
    var hour: Int
    var minute: Int
    var second: Int

    init(seconds: Int) {
        var moment = time_t(seconds)
        var fields = tm()
        gmtime_r(&moment, &fields)
        year = Int(fields.tm_year) + 1900
        month = Int(fields.tm_mon) + 1
        day = Int(fields.tm_mday)
        weekday = Int(fields.tm_wday)
        hour = Int(fields.tm_hour)
        minute = Int(fields.tm_min)
        second = Int(fields.tm_sec)
    }
}

extension Int {
    /// The decimal digits, with leading zeros up to a width.
    func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
