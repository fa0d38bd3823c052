import Music

/// Time while music is written down, counted so that every note value and septuplet is a whole number.
package enum Unit {
  package static let perTick = 63
  package static let perQuarter = Tick.perQuarter * perTick
  package static let perWhole = perQuarter * 4
  /// Longer than any music that is written down.
  package static let endless = 1 << 50
}

/// A meter from a moment on, as music is written down.
package struct WrittenMeter: Hashable {
  package var at: Int
  package var beats: Int
  package var unit: Int
  /// Whether `M:` says it; otherwise it only says where a bar line stands.
  package var isWritten: Bool

  package init(at: Int, beats: Int, unit: Int, isWritten: Bool = true) {
    self.at = at
    self.beats = beats
    self.unit = unit
    self.isWritten = isWritten
  }

  /// Music without bars, `M:none`.
  package var isFree: Bool { beats == 0 }
  package var barLength: Int { isFree ? Unit.endless : max(1, Unit.perWhole * beats / unit) }
  /// As ABC writes it.
  package var text: String { isFree ? "none" : "\(beats)/\(unit)" }
  package var isCompound: Bool { beats > 3 && beats.isMultiple(of: 3) && unit >= 8 }
  package var beatLength: Int { Unit.perWhole / unit * (isCompound ? 3 : 1) }
}
