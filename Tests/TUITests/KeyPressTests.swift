import Testing

@testable import TUI

@Suite struct KeyPressTests {
  @Test(arguments: [
    "a", "A", "?", "Space", "Enter", "Tab", "Esc", "Backspace", "Del", "Home", "End", "PgUp",
    "PgDn", "Left", "Right", "Up", "Down", "ctrl-g", "alt-r", "shift-Tab", "ctrl-alt-x", "-", "é",
    ".", "shift-Left", "♯", "F1", "F12", "shift-F5", "ctrl-F10",
  ])
  func `a key's name reads back as the same key`(name: String) throws {
    let key = try #require(KeyPress(name: name))
    #expect(key.name == name)
    #expect(KeyPress(name: key.name) == key)
  }

  @Test(arguments: [
    ("enter", "Enter"), ("CTRL-G", "ctrl-g"), ("shift-a", "A"), ("Ctrl-Left", "ctrl-Left"),
  ])
  func `letter case in names does not matter`(written: String, name: String) {
    #expect(KeyPress(name: written)?.name == name)
  }

  @Test(arguments: ["", "ctrl-", "Entr", "ab", "\u{1b}", "F0", "F13", "hyper-x"])
  func `what is no key has no name`(name: String) {
    #expect(KeyPress(name: name) == nil)
  }

  @Test(arguments: [
    ("\u{1b}OP", "F1"), ("\u{1b}OS", "F4"), ("\u{1b}[15~", "F5"), ("\u{1b}[17~", "F6"),
    ("\u{1b}[21~", "F10"), ("\u{1b}[24~", "F12"), ("\u{1b}[1;2P", "shift-F1"),
    ("\u{1b}[15;5~", "ctrl-F5"), ("\u{1b}[13~", "F3"), ("\u{1b}[P", "F1"),
  ])
  func `function keys are keys, as xterm, kitty and the console send them`(
    bytes: String, name: String
  ) {
    var decoder = InputDecoder()
    let keys = decoder.read(Array(bytes.utf8), at: 0).compactMap { input -> String? in
      if case .key(let key) = input { key.name } else { nil }
    }
    #expect(keys == [name])
  }

  @Test func `a paste keeps its lines and never holds a zero`() {
    var paste = PasteCollector()
    var texts: [String] = []
    for byte in [0x41, 13, 10, 0x42, 10, 0] + Array("é\r\r\u{1b}[201~".utf8) {
      if let text = paste.append(byte).text { texts.append(text) }
    }
    #expect(texts == ["A\nB\né\n\n"])
  }
}
