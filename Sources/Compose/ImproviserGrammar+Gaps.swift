import Form
import Music

/// What may be written between music that stays: one piece of an exact length, without bar lines.
struct GapGrammar: Equatable, Sendable {
  /// What the bar was before, put back behind the gap.
  private let barLength: Int?
  private let isFirstBarOfSection: Bool
  private let pickup: Int
  private let ending: Int
  private let allowsChordSymbols: Bool
  /// Where only one side of the music is written anew: what may come, instead of everything else.
  private(set) var variation: VariationGrammar?
  private let harmony: GapHarmony?

  /// Makes the bar end exactly where the gap does.
  init(_ gap: Gap, in music: inout MusicGrammar) {
    let length = gap.length
    allowsChordSymbols = gap.allowsChordSymbols
    harmony = gap.harmony
    barLength = music.barLength
    isFirstBarOfSection = music.isFirstBarOfSection
    pickup = music.pickup
    ending = music.ending
    music.barLength = length.map {
      Int((Double(MusicGrammar.whole) * $0.value).rounded())
    }
    variation = gap.variation.map {
      VariationGrammar($0, length: music.barLength, unit: music.unit)
    }
    // A pickup or a short last bar is no choice here: the length says it all.
    music.isFirstBarOfSection = false
    music.pickup = 0
    music.ending = 0
    music.isReduced = true
  }

  func putBack(in music: inout MusicGrammar) {
    music.barLength = barLength
    music.isFirstBarOfSection = isFirstBarOfSection
    music.pickup = pickup
    music.ending = ending
    music.isReduced = false
  }

  mutating func read(_ character: Unicode.Scalar) { variation?.read(character) }

  /// Characters that are made likelier here, and by how much, as a logarithm.
  func favoured(_ reader: MelodyReader) -> [(character: Unicode.Scalar, weight: Float)] {
    if variation?.beginsOrnament == true {
      return (VariationGrammar.decorations + ["{"]).map { ($0, VariationGrammar.ornamentWeight) }
    }
    guard let harmony else { return [] }
    return harmony.favoured(reader).map { ($0, Float(harmony.weight)) }
  }

  func allows(_ character: Unicode.Scalar, in music: MusicGrammar) -> Bool {
    switch character {
    case "\n", "P", "K": return false
    case "|", ":", "]", "0"..."9":
      if case .bar = music.place { return false }
      return true
    case "\"": return allowsChordSymbols
    // What follows is there already: nothing can be tied to it.
    case "-": return music.barLength.map { music.sumWithNote < $0 } ?? false
    default: return true
    }
  }
}

extension TuneGrammar {
  /// Whether a character, drawn in a gap, says that the gap is filled: it begins a bar line.
  func endsGap(_ character: Unicode.Scalar) -> Bool {
    if let variation = gap?.variation { return character == "|" && variation.isComplete }
    guard "|:\n".unicodeScalars.contains(character), !isInHeader else { return false }
    switch music.place {
    case .quote, .bang, .fieldLetter, .field, .inlineField: return character == "\n"
    default: return true
    }
  }
}
