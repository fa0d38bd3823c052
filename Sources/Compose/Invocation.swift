/// A command with its argument, as typed, bound to a key, or sent by `lilt ctl`.
public struct Invocation: Sendable, Equatable {
  public var name: CommandName
  public var argument: String
  /// The number typed before a key: `4a`, `12G`.
  public var count: Int?

  public init(_ name: CommandName, _ argument: String = "", count: Int? = nil) {
    self.name = name
    self.argument = argument
    self.count = count
  }

  /// Reads `temp +0.05`, `temp = 0.7`, `w tune.abc`, `12`.
  public static func parse(_ line: String) -> Result<Invocation, InvocationError> {
    let trimmed = line.trimmingSpaces()
    guard !trimmed.isEmpty else { return .failure(.empty) }
    if Int(trimmed) != nil { return .success(Invocation(.goTo, trimmed)) }
    let word = String(trimmed.prefix { $0 != " " })
    let argument = String(trimmed.dropFirst(word.count)).trimmingSpaces()
    guard let name = CommandName.named(word) else {
      return .failure(.unknown(word, nearest: CommandName.nearest(to: word)))
    }
    guard name.argument.isEmpty, name != .commandLine, !argument.isEmpty else {
      return .success(Invocation(name, argument))
    }
    guard name.takesCount, let count = Int(argument), count > 0 else {
      return .failure(.unwanted(argument, behind: name))
    }
    return .success(Invocation(name, count: count))
  }
}

public enum InvocationError: Error, Sendable, Equatable, CustomStringConvertible {
  case empty
  /// `nearest` is `nil` where no name is near.
  case unknown(String, nearest: String?)
  /// Words behind a command that takes none.
  case unwanted(String, behind: CommandName)

  public var description: String {
    switch self {
    case .empty: "type a command, or Esc"
    case .unknown(let word, let nearest):
      "unknown command '\(word)'"
        + (nearest.map { " (did you mean '\($0)'?)" } ?? " (? lists every command)")
    case .unwanted(let words, let name):
      "'\(name.rawValue)' takes \(name.takesCount ? "a number from 1" : "nothing") behind it, "
        + "not '\(words)'"
    }
  }
}

extension String {
  func trimmingSpaces() -> String {
    let start = drop { $0 == " " || $0 == "\t" }
    guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return String(start[...last])
  }
}
