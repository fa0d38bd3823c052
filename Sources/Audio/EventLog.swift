import Glibc

/// The file of `--audio log:FILE`: one line of JSON for every MIDI event, written at once.
struct EventLog: Sendable {
  private let file: Int32
  /// The moment that counts as 0 ms.
  private let began: Int

  init(path: String, began: Int) throws(AudioError) {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    file = open(path, flags, 0o644)
    guard file >= 0 else {
      throw .fileNotWritten(path: path, reason: String(cString: strerror(errno)))
    }
    self.began = began
  }

  func close() { _ = Glibc.close(file) }

  func write(_ events: [LoggedEvent]) {
    guard !events.isEmpty else { return }
    var text = ""
    for event in events { text += line(event) + "\n" }
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let count = Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        // A full disk ends the log, not the music.
        guard count > 0 else { return }
        done += count
      }
    }
  }

  func line(_ logged: LoggedEvent) -> String {
    let event = logged.event
    let milliseconds = EventLog.decimal(Double(max(0, logged.nanoseconds - began)) / 1e6)
    let place = "\"bar\":\(event.bar),\"beat\":\(EventLog.decimal(Double(event.beat)))}"
    let begin = "{\"v\":1,\"ms\":\(milliseconds),\"type\":"
    switch event.kind {
    case .on, .off:
      let kind = event.kind == .on ? "on" : "off"
      return begin
        + "\"\(kind)\",\"ch\":\(event.channel),\"key\":\(event.key),\"vel\":\(event.value),"
        + place
    case .program:
      return begin + "\"program\",\"ch\":\(event.channel),\"program\":\(event.value)," + place
    case .control:
      return begin
        + "\"control\",\"ch\":\(event.channel),\"controller\":\(event.key),"
        + "\"value\":\(event.value)," + place
    case .tempo:
      return begin + "\"tempo\",\"bpm\":\(EventLog.decimal(event.quartersPerMinute))," + place
    case .bend:
      let value = Int(event.value) << 7 | Int(event.key)
      return begin + "\"bend\",\"ch\":\(event.channel),\"value\":\(value - 8192)," + place
    case .songPosition:
      let value = Int(event.value) << 7 | Int(event.key)
      return begin + "\"position\",\"sixteenths\":\(value)," + place
    case .pulse: return begin + "\"clock\"," + place
    case .start: return begin + "\"start\"," + place
    case .goOn: return begin + "\"continue\"," + place
    case .halt: return begin + "\"stop\"," + place
    case .panic:
      return begin + "\"panic\"," + place
    }
  }

  /// Three decimals at most, with a point in every locale.
  private static func decimal(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
    var digits = String(1000 + rest).dropFirst()
    while digits.last == "0" && digits.count > 1 { digits = digits.dropLast() }
    return (thousandths < 0 ? "-" : "") + "\(whole).\(digits)"
  }
}
