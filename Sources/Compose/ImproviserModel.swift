import Analysis
import Form
import Neural

/// A network and what is known of it, ready to be shared by any number of improvisers.
public final class ImproviserModel: Sendable {
  public let description: ModelDescription
  public let network: RecurrentNetwork
  /// Tunes that it should not copy: those it has learnt from, and the musician's own.
  public let repertoires: [Repertoire]
  /// Tells checkpoints apart: 16 hexadecimal digits. The first call may read the whole checkpoint.
  public var fingerprint: String { readFingerprint() }
  private let readFingerprint: @Sendable () -> String
  /// Class of each token, as a number of `CharacterClass`.
  let classes: [UInt8]
  /// For each token whether it is a control character of a plan.
  let isSign: [Bool]
  /// For each token whether it is part of a bar's music: neither bar line nor line end nor sign.
  let isMusic: [Bool]

  /// Throws when the checkpoint lacks a vocabulary, or one that fits its tensors.
  public convenience init(
    _ checkpoint: Checkpoint, precision: Precision = .auto, repertoires: [Repertoire] = []
  ) throws(CheckpointError) {
    let description = try ModelDescription(checkpoint)
    try self.init(
      description, RecurrentNetwork(checkpoint, precision: precision), repertoires
    ) {
      checkpoint.fingerprint
    }
  }

  /// Takes a network that a cache of packed weights has loaded.
  public convenience init(
    _ loaded: LoadedNetwork, repertoires: [Repertoire] = []
  ) throws(CheckpointError) {
    try self.init(ModelDescription(loaded.checkpoint), loaded.network, repertoires) {
      loaded.fingerprint
    }
  }

  private init(
    _ description: ModelDescription, _ network: RecurrentNetwork,
    _ repertoires: [Repertoire], _ readFingerprint: @escaping @Sendable () -> String
  ) throws(CheckpointError) {
    guard description.vocabulary.count == network.vocabularySize else {
      throw .metadata(
        key: "vocabulary",
        reason: "names \(description.vocabulary.count) characters, but the network has "
          + "\(network.vocabularySize)")
    }
    self.description = description
    self.network = network
    self.repertoires = repertoires
    self.readFingerprint = readFingerprint
    let characters = description.vocabulary.characters
    classes = characters.map { CharacterClass($0).rawValue }
    let hasPlan = description.projection == PlanProjection.name
    let isSign = characters.map { hasPlan && PlanSign($0) != nil }
    self.isSign = isSign
    isMusic = characters.indices.map {
      !isSign[$0] && !"|:\n".unicodeScalars.contains(characters[$0])
    }
  }

  /// The tokens of a text; characters the network does not know are left out.
  public func tokens(_ text: String) -> [Int] {
    text.unicodeScalars.compactMap { description.vocabulary.token($0) }
  }
}

/// What a character of ABC music decides, for temperatures of their own.
public enum CharacterClass: UInt8, CaseIterable, Sendable {
  /// Notes, rests, accidentals, octaves, chords and ornaments.
  case melody
  /// Lengths, broken rhythm and tuplets.
  case rhythm
  /// Bar lines, repeats, endings, line ends and fields.
  case form

  init(_ character: Unicode.Scalar) {
    switch character {
    case "0"..."9", "/", "<", ">", "(": self = .rhythm
    case "|", ":", "\n", "[", "]": self = .form
    default: self = PlanSign(character) == nil ? .melody : .form
    }
  }
}
