import Testing

@testable import TUI

@Suite struct SurfaceTests {
  @Test func `text is clipped at both edges`() {
    var surface = Surface(width: 6, height: 2)
    surface.write("abcdefgh", row: 0, column: -2)
    surface.write("xyz", row: 1, column: 4)
    surface.write("no", row: 5, column: 0)
    #expect(surface.text == "cdefgh\n    xy")
  }

  @Test func `control characters are shown, never sent`() {
    var surface = Surface(width: 20, height: 1)
    surface.write("a\tb\u{1b}[31m\u{7f}\u{9b}", row: 0, column: 0)
    #expect(surface.text == "a^Ib^[[31m^??")
  }

  @Test func `wide characters take two cells and combining marks none`() {
    var surface = Surface(width: 5, height: 1)
    let next = surface.write("日e\u{301}本x", row: 0, column: 0)
    #expect(surface.line(0) == "日e\u{301}本")
    #expect(next == 5)
    #expect(TextWidth.of("日e\u{301}本") == 5)
    #expect(TextWidth.clip("日本語", to: 5) == "日本")
  }

  @Test func `an unset colour leaves what is beneath`() {
    let beneath = Style(foreground: .palette(1), background: .palette(2))
    var surface = Surface(width: 1, height: 1, style: beneath)
    surface.write("x", row: 0, column: 0, Style(foreground: .palette(3), attributes: .bold))
    #expect(
      surface[0, 0].style
        == Style(foreground: .palette(3), background: .palette(2), attributes: .bold))
    surface.tint(row: 0, columns: 0..<9, Style(attributes: .reverse))
    #expect(surface[0, 0].style.attributes == [.bold, .reverse])
    #expect(surface[0, 0].scalar == 0x78)
  }

  @Test func `a surface of no size takes everything and shows nothing`() {
    var surface = Surface(width: -3, height: 0)
    surface.write("hello", row: 0, column: 0)
    surface.fill(row: 0, columns: 0..<10)
    #expect(surface.text == "")
  }
}
