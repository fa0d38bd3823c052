import Testing

@testable import lilt

@Suite struct PathsTests {
  private func paths(_ environment: [String: String]) -> Paths {
    Paths(
      environment: { environment[$0] }, passwordHome: "/home/ann",
      executable: "/opt/lilt/bin/lilt")
  }

  @Test func `without variables everything lies below the home folder`() {
    let paths = paths(["HOME": "/h"])
    #expect(paths.configurationFile == "/h/.config/lilt/config.toml")
    #expect(paths.keysFile == "/h/.config/lilt/keys.toml")
    #expect(paths.drafts == "/h/.local/state/lilt/drafts")
    #expect(paths.log == "/h/.local/state/lilt/log")
    #expect(paths.data == "/h/.local/share/lilt")
    #expect(paths.cache == "/h/.cache/lilt")
    #expect(paths.runtime == nil)
  }

  @Test func `variables move each folder`() {
    let paths = paths([
      "HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s/", "XDG_DATA_HOME": "/d",
      "XDG_CACHE_HOME": "/k", "XDG_RUNTIME_DIR": "/r",
    ])
    #expect(paths.configuration == "/c/lilt")
    #expect(paths.state == "/s/lilt")
    #expect(paths.data == "/d/lilt")
    #expect(paths.cache == "/k/lilt")
    #expect(paths.runtime == "/r")
  }

  @Test(arguments: ["", "relative", "./x", "~/x"])
  func `a relative value is ignored`(value: String) {
    let paths = paths([
      "HOME": value, "XDG_CONFIG_HOME": value, "XDG_RUNTIME_DIR": value, "XDG_DATA_DIRS": value,
    ])
    #expect(paths.configuration == "/home/ann/.config/lilt")
    #expect(paths.runtime == nil)
    #expect(paths.shared.suffix(2) == ["/usr/local/share/lilt", "/usr/share/lilt"])
  }

  @Test func `what is shipped is sought beside the program, then in the data folders`() {
    let paths = paths(["HOME": "/h", "XDG_DATA_DIRS": "/one:two:/three"])
    #expect(
      paths.folders(named: "Models") == [
        "/h/.config/lilt/Models", "/h/.local/share/lilt/Models", "/opt/lilt/bin/Models",
        "/opt/lilt/share/lilt/Models", "/one/lilt/Models", "/three/lilt/Models",
      ])
  }

  @Test func `a program that was only built finds what lies in its package`() {
    let built = Paths(
      environment: { _ in nil }, passwordHome: "/h",
      executable: "/src/lilt/.build/x86_64-unknown-linux-gnu/release/lilt")
    #expect(built.folders(named: "Themes").contains("/src/lilt/Themes"))
  }

  @Test(arguments: [
    ("/a/b", "/a", "b"), ("/a", "/", "a"), ("/", "/", ""), ("a", ".", "a"), ("a/b", "a", "b"),
  ])
  func `a path has a parent and a last part`(path: String, parent: String, last: String) {
    #expect(Paths.parent(of: path) == parent)
    #expect(Paths.lastComponent(of: path) == last)
  }
}
