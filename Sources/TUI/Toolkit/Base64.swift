/// RFC 4648, with padding.
func base64(_ text: String) -> String { base64(text.utf8) }

func base64(_ bytes: some Sequence<UInt8>) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var encoded = ""
  var bits: UInt32 = 0
  var count = 0
  for byte in bytes {
    bits = bits << 8 | UInt32(byte)
    count += 8
    while count >= 6 {
      count -= 6
      encoded.append(alphabet[Int(bits >> UInt32(count) & 63)])
    }
  }
  if count > 0 { encoded.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
  while encoded.utf8.count % 4 != 0 { encoded.append("=") }
  return encoded
}
