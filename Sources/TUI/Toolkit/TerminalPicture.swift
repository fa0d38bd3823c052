/// How a terminal is told to show a picture within its cells.
public enum PictureProtocol: String, Hashable, Sendable {
  /// The graphics protocol of kitty, which other terminals have taken over: PNG.
  case kitty
  /// Inline images of iTerm2, also known to WezTerm: PNG.
  case iTerm
  /// DEC sixels: pixels in a palette, six rows at a time.
  case sixel
}

/// A picture on its way to the terminal, with the place of its upper left corner.
public struct TerminalPicture: Hashable, Sendable {
  public var row: Int
  public var column: Int
  /// So many rows of cells lie below it.
  public var height: Int
  /// What shows it where the cursor stands.
  let show: String
  /// What removes it without a trace; nil where the cells have to be painted again.
  let remove: String?

  /// A PNG picture as kitty and iTerm2 take it.
  public init(png: [UInt8], by way: PictureProtocol, row: Int, column: Int, height: Int) {
    self.row = row
    self.column = column
    self.height = height
    let code = base64(png)
    if way == .iTerm {
      show =
        "\u{1b}]1337;File=inline=1;size=\(png.count);doNotMoveCursor=1;"
        + "preserveAspectRatio=1:\(code)\u{07}"
      remove = nil
    } else {
      show = TerminalPicture.kitty(code)
      remove = "\u{1b}_Ga=d,d=I,i=\(TerminalPicture.number),q=2\u{1b}\\"
    }
  }

  /// Pixels as sixels.
  public init(_ pixels: PixelPicture, row: Int, column: Int, height: Int) {
    self.row = row
    self.column = column
    self.height = height
    show = Sixels.text(pixels)
    remove = nil
  }

  /// The picture's number in kitty's protocol: one picture at a time.
  private static let number = 1147

  /// In pieces of at most 4096 bytes (kitty graphics protocol, "The transmission medium").
  private static func kitty(_ code: String) -> String {
    var text = ""
    var rest = Substring(code)
    var isFirst = true
    repeat {
      let piece = rest.prefix(4096)
      rest = rest.dropFirst(4096)
      let more = rest.isEmpty ? 0 : 1
      let head = isFirst ? "a=T,f=100,t=d,i=\(number),p=1,C=1,q=2,m=\(more)" : "m=\(more),q=2"
      text += "\u{1b}_G\(head);\(piece)\u{1b}\\"
      isFirst = false
    } while !rest.isEmpty
    return text
  }
}

/// A picture as pixels, row by row.
public struct PixelPicture: Hashable, Sendable {
  public var width: Int
  public var height: Int
  /// `0xRRGGBB`, `(height, width)`.
  public var pixels: [UInt32]

  public init(width: Int, height: Int, pixels: [UInt32]) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

/// Writes pixels as sixels (DEC STD 070, chapter 9).
enum Sixels {
  /// Colours are kept to sixteen: engraved notation has ink, paper, and the steps between.
  static func text(_ picture: PixelPicture) -> String {
    let (palette, indices) = reduced(picture)
    var bytes = Array("\u{1b}P0;1q\"1;1;\(picture.width);\(picture.height)".utf8)
    for (index, color) in palette.enumerated() {
      let parts = [color >> 16 & 255, color >> 8 & 255, color & 255].map { ($0 * 100 + 127) / 255 }
      bytes += Array("#\(index);2;\(parts[0]);\(parts[1]);\(parts[2])".utf8)
    }
    var top = 0
    while top < picture.height {
      let rows = min(6, picture.height - top)
      var isFirst = true
      for color in palette.indices {
        var line: [UInt8] = []
        var isUsed = false
        for column in 0..<picture.width {
          var bits: UInt8 = 0
          for row in 0..<rows
          where Int(indices[(top + row) * picture.width + column]) == color {
            bits |= 1 << UInt8(row)
          }
          if bits != 0 { isUsed = true }
          line.append(63 + bits)
        }
        guard isUsed else { continue }
        if !isFirst { bytes.append(UInt8(ascii: "$")) }
        isFirst = false
        bytes += Array("#\(color)".utf8) + packed(line)
      }
      bytes.append(UInt8(ascii: "-"))
      top += 6
    }
    return String(decoding: bytes, as: UTF8.self) + "\u{1b}\\"
  }

  /// Runs of more than three as `!7~`.
  private static func packed(_ line: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var place = 0
    while place < line.count {
      var end = place
      while end < line.count, line[end] == line[place] { end += 1 }
      if end - place > 3 {
        result += Array("!\(end - place)".utf8) + [line[place]]
      } else {
        result += line[place..<end]
      }
      place = end
    }
    return result
  }

  /// At most sixteen colours: those that there are most of, every other pixel by the nearest.
  private static func reduced(_ picture: PixelPicture) -> (palette: [UInt32], indices: [UInt8]) {
    var counts: [UInt32: Int] = [:]
    for pixel in picture.pixels { counts[pixel, default: 0] += 1 }
    let all = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    var palette: [UInt32] = []
    for color in all where palette.count < 16 {
      if palette.allSatisfy({ distance($0, color) > 600 }) { palette.append(color) }
    }
    var nearest: [UInt32: UInt8] = [:]
    for color in all {
      let index = palette.indices.min {
        distance(palette[$0], color) < distance(palette[$1], color)
      }
      nearest[color] = UInt8(index ?? 0)
    }
    return (palette, picture.pixels.map { nearest[$0] ?? 0 })
  }

  private static func distance(_ first: UInt32, _ second: UInt32) -> Int {
    [16, 8, 0].reduce(0) { sum, shift in
      let difference = Int(first >> UInt32(shift) & 255) - Int(second >> UInt32(shift) & 255)
      return sum + difference * difference
    }
  }
}
