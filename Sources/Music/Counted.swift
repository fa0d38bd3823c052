extension Int {
  /// The number with its noun: "1 tune", "3 tunes", "2 pitches", "2 voices".
  ///
  /// - Parameter noun: In the singular; its plural is formed as English forms it after ch, sh, s or x,
  ///   else with an s.
  public func counted(_ noun: String) -> String {
    if self == 1 { return "1 \(noun)" }
    let hisses = ["ch", "sh", "s", "x"].contains { noun.hasSuffix($0) }
    return "\(self) \(noun)\(hisses ? "es" : "s")"
  }
}
