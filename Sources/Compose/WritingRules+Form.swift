import Form

/// Parts end where the plan says so, and nowhere else.
struct PartLengthRule: WritingRule {
  let force: Force

  private static let weight = 5.0

  func judge(_ place: WritingPlace, _ steering: inout Steering) {
    func discourage(_ scalar: Unicode.Scalar) {
      steering.discourage(steering.tokens[scalar], force, weight: Self.weight)
    }
    let reader = place.reader
    if reader.hasBegun {
      // A repeat's end ends a part.
      if let left = place.bar?.barsLeft, left > 1 { discourage(":") }
      return
    }
    guard place.isAtSlot, let left = place.barsToCome, reader.boundary == .bar else { return }
    let isFirstEnding = reader.ending == 1
    if left == 0 {
      // Nothing but the end of the part.
      for (token, scalar) in steering.tokens.scalars.enumerated() {
        let isMusic = reader.begins(scalar) || scalar == "\n"
        if isMusic || (!isFirstEnding && scalar == "1") {
          steering.discourage(token, force, weight: Self.weight)
        }
      }
      return
    }
    if left == 1, place.part?.kind == .endings, reader.ending == 0, !reader.marks.isEmpty {
      // Here the first ending begins, if none has before.
      for (token, scalar) in steering.tokens.scalars.enumerated() where scalar != "1" {
        steering.discourage(token, .wish, weight: Self.weight)
      }
    }
    for sign in ["|", "]", ":"] as [Unicode.Scalar] where !reader.marks.isEmpty { discourage(sign) }
    if reader.marks.isEmpty == false, place.part?.kind != .endings || left > 2 { discourage("1") }
    // An empty line would end the tune.
    if reader.isAtLineStart { discourage("\n") }
  }
}

/// A tune has as many parts as are given before it ends.
struct PartCountRule: WritingRule {
  let least: Int

  func judge(_ place: WritingPlace, _ steering: inout Steering) {
    let reader = place.reader
    guard !reader.hasBegun, reader.isAtLineStart, reader.part + 1 < least else { return }
    steering.forbid(steering.tokens["\n"])
  }
}

/// Parts come to rest: on the tonic, for a beat at least. Half of a part of eight bars does not.
struct CadenceRule: WritingRule {
  let force: Force

  private static let weight = 2.0
  /// The same in parts after the first: most tunes have two, and end with the second.
  private static let lastWeight = 5.0

  func judge(_ place: WritingPlace, _ steering: inout Steering) {
    let reader = place.reader
    let weight = (place.part?.number ?? 0) > 0 ? Self.lastWeight : Self.weight
    guard let bar = place.bar, let left = bar.barsLeft, let full = reader.barLength, !bar.isPickup
    else { return }
    let beat = reader.isCompound ? MelodyReader.whole * 3 / 8 : MelodyReader.whole / 4
    let position = place.isAtSlot ? 0 : reader.position
    if left == 1 {
      let length = full - reader.pickupLength
      let end = max(0, length - beat)
      if let note = reader.noteInProgress, note.onset >= end,
        (note.pitch - reader.tonic) % 12 == 0, !note.hasLength
      {
        hold(note.onset, until: length, reader, &steering, weight)
      } else if position >= end {
        discourageLetters(reader, &steering, weight) { $0 != reader.tonic }
      } else if let note = reader.noteInProgress, !note.hasLength, note.onset < end,
        (note.pitch - reader.tonic) % 12 != 0
      {
        // A note that is not the tonic must not fill the bar.
        for digit in 2...9 where note.onset + digit * reader.unit > end {
          steering.discourage(
            steering.tokens[Unicode.Scalar(UInt8(48 + digit))], force, weight: weight)
        }
      }
    } else if left == 5, place.part?.length == 8, position >= beat, position <= full / 2 {
      discourageLetters(reader, &steering, Self.weight) { $0 == reader.tonic }
    }
  }

  /// The note that ends a part takes what is left of the bar.
  private func hold(
    _ onset: Int, until length: Int, _ reader: MelodyReader, _ steering: inout Steering,
    _ weight: Double
  ) {
    let units = (length - onset) / max(reader.unit, 1)
    guard (2...9).contains(units) else { return }
    for (token, scalar) in steering.tokens.scalars.enumerated() {
      let isLength = scalar.value == UInt32(48 + units)
      if !isLength, scalar != ",", scalar != "'" {
        steering.discourage(token, force, weight: weight)
      }
    }
  }

  private func discourageLetters(
    _ reader: MelodyReader, _ steering: inout Steering, _ weight: Double,
    where isWrong: (Int) -> Bool
  ) {
    for (token, step) in steering.tokens.letters {
      let pitch = reader.pitch(step: step, accidental: reader.pendingAccidental)
      if isWrong(((pitch % 12) + 12) % 12) {
        steering.discourage(token, force, weight: weight)
      }
    }
  }
}
