import Music
import Testing

@testable import ABC

/// The notes of a tune as a short text, to be compared with what a rule asks for:
/// `60:1/2` a pitch and its length in quarters, `r:1` a rest, `[60,64]:1` a chord, ` & ` between
/// voices that start together. Grace notes are given back to their hosts.
struct Heard: Equatable, CustomStringConvertible {
  struct Note: Hashable, Comparable {
    var start: Int
    var key: Int
    var length: Int
    static func < (left: Note, right: Note) -> Bool {
      (left.start, left.key, left.length) < (right.start, right.key, right.length)
    }
  }
  var notes: [Note]

  var description: String {
    notes.map { note in
      "\(note.key):\(Fraction(note.length, Tick.perQuarter))@\(Fraction(note.start, Tick.perQuarter))"
    }.joined(separator: " ")
  }

  init(tune: ParsedTune, options: PlaybackOptions = .plain) {
    let performance = tune.performance(options)
    var played = performance.notes.filter { performance.tracks[$0.track].role == .melody }
    func isGrace(_ note: Performance.Note) -> Bool {
      note.written.map { tune.notes[$0].kind == .grace } ?? false
    }
    let graces = played.filter(isGrace)
    played.removeAll(where: isGrace)
    for grace in graces.sorted(by: { $0.start > $1.start }) {
      for index in played.indices
      where played[index].track == grace.track && played[index].start == grace.end {
        played[index].start = grace.start
      }
      // The graces before this one end where it starts.
    }
    notes = played.map {
      Note(start: $0.start.count, key: $0.pitch.key, length: ($0.end - $0.start).count)
    }.sorted()
  }

  init(expected text: String) {
    notes = []
    for voice in text.parts(separatedBy: " & ") {
      var at = Fraction.zero
      for word in voice.split(separator: " ") {
        let colon = word.lastIndex(of: ":") ?? word.endIndex
        let name = word[..<colon].filter { $0 != "[" && $0 != "]" }
        let numbers = word[colon...].dropFirst().split(separator: "/").compactMap { Int($0) }
        let length = Fraction(numbers.first ?? 0, numbers.count > 1 ? numbers[1] : 1)
        if name != "r" {
          for key in name.split(separator: ",").compactMap({ Int($0) }) {
            let start = Tick(at * Fraction(1, 4)).count
            let end = Tick((at + length) * Fraction(1, 4)).count
            notes.append(Note(start: start, key: key, length: end - start))
          }
        }
        at += length
      }
    }
    notes.sort()
  }
}

extension PlaybackOptions {
  /// Only the notes as written.
  static var plain: PlaybackOptions {
    var options = PlaybackOptions()
    options.accompaniment = false
    options.ornaments = false
    return options
  }
}

extension String {
  func parts(separatedBy separator: String) -> [String] {
    var parts: [[UInt8]] = [[]]
    let bytes = Array(utf8)
    let mark = Array(separator.utf8)
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: mark) {
        parts.append([])
        index += mark.count
      } else {
        parts[parts.count - 1].append(bytes[index])
        index += 1
      }
    }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }
}

/// One rule: what is written, and what must be heard.
struct Rule: CustomTestStringConvertible, Sendable {
  let name: String
  let text: String
  let heard: String

  init(_ name: String, _ body: String, _ heard: String, header: String = "M:4/4\nL:1/8\n") {
    self.name = name
    let hasKey = body.hasPrefix("K:") || body.utf8Range(of: "\nK:") != nil
    text = "X:1\nT:t\n" + header + (hasKey ? "" : "K:C\n") + body + "\n"
    self.heard = heard
  }

  var testDescription: String { name }
}
