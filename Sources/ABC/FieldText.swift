/// Splits the text of a field at blanks; a quoted part keeps its blanks.
func fieldWords(_ text: String) -> [String] {
  var words: [String] = []
  var word: [UInt8] = []
  var isQuoted = false
  for byte in text.utf8 {
    if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
    if (byte == 0x20 || byte == 0x09) && !isQuoted {
      if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
      word = []
    } else {
      word.append(byte)
    }
  }
  if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
  return words
}

/// `text` without blanks at either end.
func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var (start, end) = (bytes.startIndex, bytes.endIndex)
  while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
  while start < end, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 || bytes[end - 1] == 0x0D {
    end -= 1
  }
  return bytes[start..<end]
}

extension String.UTF8View {
  /// Whether one of two bytes occurs. Looked at as memory: `contains` takes each byte by its index.
  fileprivate func hasAny(of first: UInt8, _ second: UInt8) -> Bool {
    withContiguousStorageIfAvailable { $0.contains { $0 == first || $0 == second } }
      ?? contains { $0 == first || $0 == second }
  }
}

/// Text as a reader should see it: `\'e`, `&eacute;`, `\u00e9` and `\%` resolved (ABC 2.1 §8.2).
public func decodeText(_ text: String) -> String {
  guard text.utf8.hasAny(of: UInt8(ascii: "\\"), UInt8(ascii: "&")) else { return text }
  let bytes = Array(text.utf8)
  var result = String.UnicodeScalarView()
  var plain: [UInt8] = []
  func flush() {
    result.append(contentsOf: String(decoding: plain, as: UTF8.self).unicodeScalars)
    plain = []
  }
  var index = 0
  while index < bytes.count {
    if bytes[index] == UInt8(ascii: "\\"), let (scalars, length) = escape(bytes, index) {
      flush()
      result.append(contentsOf: scalars)
      index += length
    } else if bytes[index] == UInt8(ascii: "&"), let (scalar, length) = entity(bytes, index) {
      flush()
      result.append(scalar)
      index += length
    } else {
      plain.append(bytes[index])
      index += 1
    }
  }
  flush()
  return String(result)
}

/// Combining marks for the first character of a mnemonic.
private let combiningMarks: [UInt8: Unicode.Scalar] = [
  UInt8(ascii: "`"): "\u{300}", UInt8(ascii: "'"): "\u{301}", UInt8(ascii: "^"): "\u{302}",
  UInt8(ascii: "~"): "\u{303}", UInt8(ascii: "\""): "\u{308}", UInt8(ascii: "u"): "\u{306}",
  UInt8(ascii: "v"): "\u{30C}", UInt8(ascii: "c"): "\u{327}", UInt8(ascii: "H"): "\u{30B}",
]

/// Letters with a mark that Unicode writes as one character.
private let composed: [String: Unicode.Scalar] = [
  "`A": "À", "`E": "È", "`I": "Ì", "`O": "Ò", "`U": "Ù", "`a": "à", "`e": "è", "`i": "ì",
  "`o": "ò", "`u": "ù", "'A": "Á", "'E": "É", "'I": "Í", "'O": "Ó", "'U": "Ú", "'Y": "Ý",
  "'a": "á", "'e": "é", "'i": "í", "'o": "ó", "'u": "ú", "'y": "ý", "^A": "Â", "^E": "Ê",
  "^I": "Î", "^O": "Ô", "^U": "Û", "^a": "â", "^e": "ê", "^i": "î", "^o": "ô", "^u": "û",
  "~A": "Ã", "~N": "Ñ", "~O": "Õ", "~a": "ã", "~n": "ñ", "~o": "õ", "\"A": "Ä", "\"E": "Ë",
  "\"I": "Ï", "\"O": "Ö", "\"U": "Ü", "\"Y": "Ÿ", "\"a": "ä", "\"e": "ë", "\"i": "ï",
  "\"o": "ö", "\"u": "ü", "\"y": "ÿ", "cC": "Ç", "cc": "ç", "uA": "Ă", "ua": "ă", "uE": "Ĕ",
  "ue": "ĕ", "vS": "Š", "vs": "š", "vZ": "Ž", "vz": "ž", "vC": "Č", "vc": "č", "vR": "Ř",
  "vr": "ř", "vE": "Ě", "ve": "ě", "HO": "Ő", "Ho": "ő", "HU": "Ű", "Hu": "ű", "AA": "Å",
  "aa": "å", "AE": "Æ", "ae": "æ", "OE": "Œ", "oe": "œ", "/O": "Ø", "/o": "ø", "/L": "Ł",
  "/l": "ł", "ss": "ß", "DH": "Ð", "dh": "ð", "TH": "Þ", "th": "þ", ",S": "Ș", ",s": "ș",
]

private func escape(_ bytes: [UInt8], _ index: Int) -> ([Unicode.Scalar], Int)? {
  guard index + 1 < bytes.count else { return nil }
  let next = bytes[index + 1]
  switch next {
  case UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "\\"):
    return ([Unicode.Scalar(next)], 2)
  case UInt8(ascii: "u"), UInt8(ascii: "U"):
    let digits = next == UInt8(ascii: "u") ? 4 : 8
    if index + 2 + digits <= bytes.count {
      let text = String(decoding: bytes[(index + 2)..<(index + 2 + digits)], as: UTF8.self)
      if let code = UInt32(text, radix: 16), let scalar = Unicode.Scalar(code) {
        return ([scalar], 2 + digits)
      }
    }
  default: break
  }
  guard index + 2 < bytes.count, bytes[index + 2] < 0x80 else { return nil }
  let pair = String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self)
  if let scalar = composed[pair] { return ([scalar], 3) }
  let letter = bytes[index + 2]
  let isLetter = (0x41...0x5A).contains(letter) || (0x61...0x7A).contains(letter)
  if let mark = combiningMarks[next], isLetter { return ([Unicode.Scalar(letter), mark], 3) }
  return nil
}

private let entities: [String: Unicode.Scalar] = [
  "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "copy": "©", "nbsp": "\u{A0}", "szlig": "ß",
  "AElig": "Æ", "aelig": "æ", "OElig": "Œ", "oelig": "œ", "Oslash": "Ø", "oslash": "ø",
  "Aring": "Å", "aring": "å", "ETH": "Ð", "eth": "ð", "THORN": "Þ", "thorn": "þ",
  "Ccedil": "Ç", "ccedil": "ç",
]

private let entityMarks: [(String, String)] = [
  ("grave", "`"), ("acute", "'"), ("circ", "^"), ("tilde", "~"), ("uml", "\""), ("caron", "v"),
  ("breve", "u"),
]

private func entity(_ bytes: [UInt8], _ index: Int) -> (Unicode.Scalar, Int)? {
  var end = index + 1
  while end < bytes.count, end - index < 12, bytes[end] != UInt8(ascii: ";") { end += 1 }
  guard end < bytes.count, bytes[end] == UInt8(ascii: ";"), end > index + 1 else { return nil }
  let name = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
  let length = end + 1 - index
  if name.utf8.first == UInt8(ascii: "#") {
    let digits = name.dropFirst()
    let code =
      digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
    return code.flatMap(Unicode.Scalar.init).map { ($0, length) }
  }
  if let scalar = entities[name] { return (scalar, length) }
  for (suffix, mark) in entityMarks where name.utf8.count == suffix.utf8.count + 1 {
    if name.hasSuffix(suffix), let scalar = composed[mark + String(name.prefix(1))] {
      return (scalar, length)
    }
  }
  return nil
}
