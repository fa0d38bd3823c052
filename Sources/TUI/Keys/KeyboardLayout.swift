/// What the keys of a keyboard without Latin letters write, and the Latin keys in their places, so
/// that commands work where the terminal does not tell places.
enum KeyboardLayout {
  /// The keys of a US keyboard, row by row.
  private static let latin = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./"
  private static let latinShifted = "~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"

  /// The layouts that have a name, as xkeyboard-config has them; a blank is a key that writes ASCII.
  private static let rows: [(name: String, keys: String, shifted: String)] = [
    (
      "russian", "ёйцукенгшщзхъфывапролджэячсмитьбю ",
      "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ "
    ),
    (
      "ukrainian", " йцукенгшщзхїфівапролджєячсмитьбю ",
      " ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ "
    ),
    (
      "bulgarian", "  уеишщксдзц ьяаожгтнвмчюйъэфхпрлб",
      " ЫУЕИШЩКСДЗЦ ѝЯАОЖГТНВМЧЮЙЪЭФХПРЛБ"
    ),
    (
      "greek", "  ςερτυθιοπ  ασδφγηξκλ  ζχψωβνμ   ",
      "   ΕΡΤΥΘΙΟΠ  ΑΣΔΦΓΗΞΚΛ  ΖΧΨΩΒΝΜ   "
    ),
    (
      "hebrew", "   קראטוןםפ  שדגכעיחלךף זסבהנמצתץ ",
      "                                  "
    ),
  ]

  static var names: [String] { rows.map(\.name) }

  /// The Latin key for each character of a layout; `nil` where none has that name.
  static func named(_ name: String) -> [Character: Character]? {
    guard let row = rows.first(where: { $0.name == name }) else { return nil }
    var table: [Character: Character] = [:]
    for (written, key) in [(row.keys, latin), (row.shifted, latinShifted)] {
      for (character, place) in zip(written, key) where character != " " {
        table[character] = place
      }
    }
    return table
  }
}
