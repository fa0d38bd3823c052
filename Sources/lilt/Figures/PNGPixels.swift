import CZlib
import TUI

/// Reads the pixels of a PNG picture as drawing programs write it: 8 bits a channel, not interlaced.
enum PNGPixels {
  /// Nil for any other picture, a damaged one, or one of more than 64 million pixels.
  static func read(_ bytes: [UInt8]) -> PixelPicture? {
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else { return nil }
    func number(_ place: Int) -> Int {
      (0..<4).reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
    }
    var place = 8
    var (width, height, channels) = (0, 0, 0)
    var packed: [UInt8] = []
    while place + 12 <= bytes.count {
      let length = number(place)
      guard length <= bytes.count - place - 12 else { return nil }
      let content = bytes[place + 8..<place + 8 + length]
      switch String(decoding: bytes[place + 4..<place + 8], as: UTF8.self) {
      case "IHDR":
        guard length == 13 else { return nil }
        (width, height) = (number(place + 8), number(place + 12))
        // Colour with or without alpha, no interlacing.
        channels = [2: 3, 6: 4][Int(bytes[place + 17])] ?? 0
        guard bytes[place + 16] == 8, bytes[place + 20] == 0 else { return nil }
      case "IDAT": packed += content
      default: break
      }
      place += 12 + length
    }
    guard width > 0, height > 0, width < 1 << 15, height < 1 << 15, width * height <= 64 << 20,
      channels > 0, packed.count > 6, czlib_available() != 0
    else { return nil }
    let stride = width * channels
    var lines = [UInt8](repeating: 0, count: (stride + 1) * height)
    // Two bytes of zlib before the stream, four of a checksum behind it.
    let stream = Array(packed[2..<packed.count - 4])
    guard czlib_inflate(stream, stream.count, &lines, lines.count) == 1 else { return nil }
    return unfiltered(lines, width, height, channels)
  }

  /// PNG 1.2, §6: what each line says is a difference to its neighbours.
  private static func unfiltered(
    _ lines: [UInt8], _ width: Int, _ height: Int, _ channels: Int
  ) -> PixelPicture? {
    let stride = width * channels
    var above = [UInt8](repeating: 0, count: stride)
    var pixels: [UInt32] = []
    pixels.reserveCapacity(width * height)
    for row in 0..<height {
      let start = row * (stride + 1)
      var line = Array(lines[start + 1..<start + 1 + stride])
      for index in 0..<stride {
        let left = index >= channels ? Int(line[index - channels]) : 0
        let up = Int(above[index])
        let corner = index >= channels ? Int(above[index - channels]) : 0
        let predicted: Int
        switch lines[start] {
        case 0: predicted = 0
        case 1: predicted = left
        case 2: predicted = up
        case 3: predicted = (left + up) / 2
        case 4:
          let (a, b, c) = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
          predicted = a <= b && a <= c ? left : b <= c ? up : corner
        default: return nil
        }
        line[index] = UInt8(truncatingIfNeeded: Int(line[index]) + predicted)
      }
      for column in 0..<width {
        let place = column * channels
        pixels.append(
          UInt32(line[place]) << 16 | UInt32(line[place + 1]) << 8 | UInt32(line[place + 2]))
      }
      above = line
    }
    return PixelPicture(width: width, height: height, pixels: pixels)
  }
}
