import Glibc

/// Results, on standard output. Nothing else is ever printed there.
enum StandardOutput {
  /// Writes all of `text`.
  ///
  /// A reader that went away ends the program quietly with status 141, as SIGPIPE would, also where
  /// whoever started it had that signal ignored. Any other failure is an output failure (status 6).
  static func write(_ text: String) {
    var copy = text
    copy.withUTF8 { write($0) }
  }

  /// Writes all of `bytes`; see `write(_:)`.
  static func write(bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { write($0) }
  }

  /// Writes `text` and a newline.
  static func line(_ text: String) {
    write(text + "\n")
  }

  private static func write(_ bytes: UnsafeBufferPointer<UInt8>) {
    let failure = writeAll(bytes, to: STDOUT_FILENO)
    if failure == 0 { return }
    if failure == EPIPE { exit(128 + SIGPIPE) }
    StandardError.line("standard output: \(systemSentence(failure))")
    exit(Outcome.unwritableOutput.rawValue)
  }
}

/// Everything that is not a result.
enum StandardError {
  /// Writes `lilt: ` and `text` and a newline; a failure is ignored, there is nobody left to tell.
  static func line(_ text: String) {
    var line = "lilt: " + text + "\n"
    line.withUTF8 { _ = writeAll($0, to: STDERR_FILENO) }
  }
}

/// Writes every byte, going on after interruptions; 0, or the `errno` of the write that failed.
func writeAll(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) -> Int32 {
  guard let base = bytes.baseAddress else { return 0 }
  var written = 0
  while written < bytes.count {
    let count = Glibc.write(descriptor, base + written, bytes.count - written)
    if count >= 0 {
      written += count
      continue
    }
    if errno == EINTR { continue }
    if errno == EAGAIN {
      var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&wait, 1, -1)
      continue
    }
    return errno
  }
  return 0
}

/// What the system says about an error number, in lower case as the middle of a sentence.
func systemSentence(_ number: Int32) -> String {
  let text = String(cString: strerror(number))
  return text.prefix(1).lowercased() + text.dropFirst()
}
