/// Key, meter, unit length and tempo while the music of a tune is written in another order: what
/// holds at a place of the old text, and what holds where the new one has come to.
struct FieldsInForce {
  private static let kinds = Array("KMLQ".utf8)
  private let fields: [FieldPlace]
  private let bytes: [UInt8]
  private let header: [UInt8: String]
  private var present: [UInt8: String]

  /// - Parameter body: The first byte after the header.
  init(_ bytes: [UInt8], body: Int) {
    self.bytes = bytes
    var header: [UInt8: String] = [:]
    var fields: [FieldPlace] = []
    for field in FieldPlace.all(in: bytes, kinds: FieldsInForce.kinds) {
      if field.value.lowerBound < body {
        header[field.kind] = FieldsInForce.value(of: field, in: bytes)
      } else {
        fields.append(field)
      }
    }
    self.fields = fields
    self.header = header
    present = header
  }

  /// The inline fields that make everything what it is at a place of the old text.
  mutating func restored(at place: Int) -> String {
    guard !fields.isEmpty else { return "" }
    var text = ""
    for kind in FieldsInForce.kinds {
      let field = fields.last { $0.kind == kind && $0.value.upperBound <= place }
      let value = field.map { FieldsInForce.value(of: $0, in: bytes) } ?? header[kind]
      guard let value, value != present[kind] else { continue }
      present[kind] = value
      text += "[\(String(decoding: [kind], as: UTF8.self)):\(value)]"
    }
    return text
  }

  /// These bytes of the old text were written with their fields.
  mutating func pass(_ range: Range<Int>) {
    for field in fields where range.contains(field.value.lowerBound) {
      present[field.kind] = FieldsInForce.value(of: field, in: bytes)
    }
  }

  private static func value(of field: FieldPlace, in bytes: [UInt8]) -> String {
    String(decoding: trimmed(bytes[field.value]), as: UTF8.self)
  }
}
