import Analysis
import Neural
import Notes

/// A network that can write a tune, and what is known of it.
public enum AuthorModel: Sendable {
  case characters(ImproviserModel)
  case notes(NoteModel)

  public var name: String {
    switch self {
    case .characters(let model): model.description.name
    case .notes(let model): model.name
    }
  }

  public var fingerprint: String {
    switch self {
    case .characters(let model): model.fingerprint
    case .notes(let model): model.fingerprint
    }
  }

  public var precision: Precision {
    switch self {
    case .characters(let model): model.network.precision
    case .notes(let model): model.precision
    }
  }

  /// What the judge and the copy guard look into.
  public var repertoires: [Repertoire] {
    switch self {
    case .characters(let model): model.repertoires
    case .notes(let model): model.repertoires
    }
  }

  /// What a session needs to know of it.
  public var summary: ModelSummary {
    switch self {
    case .characters(let model):
      let vocabulary = model.description.vocabulary
      return ModelSummary(
        name: name, hash: fingerprint, precision: precision.rawValue,
        headerFields: model.description.headerFields,
        vocabulary: Set(vocabulary.characters.map(Character.init)),
        repertoires: repertoires.map(\.fingerprint))
    case .notes(let model):
      return ModelSummary(
        name: name, hash: fingerprint, precision: precision.rawValue,
        headerFields: ["M", "L", "Q", "K"], vocabulary: [],
        repertoires: repertoires.map(\.fingerprint),
        writing: model.isTimed ? .timedNotes : .notes)
    }
  }
}

/// Who writes: a network of characters, or one of notes whose bars are written down as they close.
/// The text of the draft is the only truth for both.
public enum Author: Sendable {
  case characters(Improviser)
  case notes(NoteAuthor)

  public init(_ model: AuthorModel) {
    switch model {
    case .characters(let model): self = .characters(Improviser(model))
    case .notes(let model): self = .notes(NoteAuthor(model))
    }
  }

  /// What only a network of characters can do.
  public static let charactersOnly =
    "this needs a model that writes characters of ABC; the present one writes notes"

  /// See `Improviser.write` and `NoteAuthor.write`.
  public mutating func write(
    _ request: GenerationRequest, isCancelled: () -> Bool = { false }
  ) -> WrittenPassage {
    switch consume self {
    case .characters(var improviser):
      let written = improviser.write(request, isCancelled: isCancelled)
      self = .characters(improviser)
      return written
    case .notes(var author):
      let written = author.write(request, isCancelled: isCancelled)
      self = .notes(author)
      return written
    }
  }
}
