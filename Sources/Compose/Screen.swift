/// What keys mean now, what is said, and how the screen is arranged.
struct Screen: Sendable {
  private(set) var mode = InputMode.normal
  private(set) var view = ViewSettings()
  private(set) var pendingCount: Int?
  private(set) var pendingPrefix: String?
  private(set) var message: Session.Message?
  /// The message that says what is going on, as long as that goes on.
  private var progress: Session.Message?
  private(set) var messages: [Session.Message] = []
  /// How many messages there have been, those that are forgotten included.
  private(set) var messageCount = 0
  private(set) var themes: [String] = []
  /// Milliseconds since the start.
  private(set) var clock = 0
  private(set) var commandHistory: [String] = []
  private(set) var findText = ""
  private(set) var lastHalt: Int?
  /// While the mouse holds a note: how far behind its start, in whole notes, and whether it was moved.
  private(set) var heldNote: HeldNote?

  struct HeldNote: Sendable, Equatable {
    var offset: Double
    var isMoved = false
  }

  mutating func hold(_ note: HeldNote?) { heldNote = note }
  /// The text that is looked at while a list is open.
  private(set) var preview: Draft?

  // MARK: Modes and keys

  mutating func enter(_ mode: InputMode) {
    self.mode = mode
    if !mode.isLooking { preview = nil }
  }

  mutating func look(at text: Draft?) { preview = text }

  mutating func press(digit: Int) {
    pendingCount = min((pendingCount ?? 0) * 10 + digit, 9999)
  }

  mutating func press(prefix: String) { pendingPrefix = prefix }

  mutating func dropPending() {
    pendingPrefix = nil
    pendingCount = nil
  }

  mutating func dropPrefix() { pendingPrefix = nil }

  mutating func arrange(_ change: (inout ViewSettings) -> Void) { change(&view) }
  mutating func setThemes(_ themes: [String]) { self.themes = themes }

  mutating func remember(command: String) {
    if commandHistory.last != command { commandHistory.append(command) }
  }

  mutating func remember(find: String) { findText = find }
  mutating func halted() { lastHalt = clock }

  // MARK: Messages

  mutating func say(_ text: String, _ kind: Session.Message.Kind) {
    let message = Session.Message(kind: kind, text: text, at: clock)
    self.message = message
    messages.append(message)
    messageCount += 1
    if messages.count > 200 { messages.removeFirst(messages.count - 200) }
  }

  mutating func dropMessage() { message = nil }

  /// What was just said is true only until `endProgress`.
  mutating func beginProgress() { progress = message }

  mutating func endProgress() {
    if let progress, message == progress { message = nil }
    progress = nil
  }

  /// - Returns: The milliseconds since the time before; at most a quarter of a second.
  mutating func pass(to milliseconds: Int) -> Int {
    let elapsed = min(max(milliseconds - clock, 0), 250)
    clock = milliseconds
    if let message, message.fades, clock - message.at > 4000 { self.message = nil }
    if let last = lastHalt, clock - last > 1000 { lastHalt = nil }
    return elapsed
  }
}
