import Compose
import Neural
import Synchronization

/// The model at work, away from the main thread: answers one request after another.
///
/// A request says all there is to know, so an answer that comes too late can simply be dropped.
actor Generator {
  private let mailbox: Mailbox
  private var improviser: Improviser?
  private var summary: ModelSummary?
  /// Requests up to this number are no longer wanted.
  private let cancelled = Atomic<Int>(0)
  private let latest = Atomic<Int>(0)

  init(mailbox: Mailbox) { self.mailbox = mailbox }

  /// Loads a model and says how that went.
  func load(path: String, precision: Precision) {
    do throws(CheckpointError) {
      let loaded = try CheckpointLocator().cache.load(path: path, precision: precision)
      let model = try ImproviserModel(loaded)
      improviser = Improviser(model)
      let description = model.description
      let known = (0..<description.vocabulary.count).map {
        Character(description.vocabulary[$0])
      }
      let summary = ModelSummary(
        name: description.name, hash: model.fingerprint,
        precision: model.network.precision.rawValue, headerFields: description.headerFields,
        vocabulary: Set(known))
      self.summary = summary
      mailbox.post(.modelLoaded(summary))
      loaded.keep()
    } catch {
      mailbox.post(.modelFailed("\(path): \(error.description)"))
    }
  }

  /// Drops what is being written. Callable from any thread, at once.
  nonisolated func cancel() {
    cancelled.store(latest.load(ordering: .acquiring), ordering: .releasing)
  }

  nonisolated func answer(_ request: GenerationRequest) {
    latest.store(request.identifier, ordering: .releasing)
    Task { await self.work(on: request) }
  }

  private func isCancelled(_ request: GenerationRequest) -> Bool {
    request.identifier <= cancelled.load(ordering: .acquiring)
  }

  private func work(on request: GenerationRequest) {
    guard !isCancelled(request) else { return }
    // Taken out while it works, so that its state is changed in place and not copied.
    guard var improviser = self.improviser.take() else {
      mailbox.post(
        .generationFailed(request: request.identifier, sentence: "no model is loaded"))
      return
    }
    let drawn = Generator.draw(request, with: &improviser) { self.isCancelled(request) }
    self.improviser = improviser
    guard !isCancelled(request) else { return }
    let entropy = improviser.entropy
    let next = improviser.distribution(top: 12)
    if request.count == 0 {
      mailbox.post(
        .nextCharactersFound(next, entropy: entropy, request: request.identifier))
    } else {
      mailbox.post(
        .generated(
          GenerationResult(
            request: request.identifier, characters: drawn.characters, endsTune: drawn.endsTune,
            next: next, entropy: entropy, unknown: request.index == 0 ? drawn.notice : "")))
    }
  }

  /// What a request draws: up to the end of the tune, or until `isCancelled`.
  static func draw(
    _ request: GenerationRequest, with improviser: inout Improviser,
    isCancelled: () -> Bool = { false }
  ) -> (characters: [GeneratedCharacter], endsTune: Bool, notice: String) {
    let modelText = ModelText(
      document: request.text, cursor: request.text.utf8.count,
      description: improviser.model.description)
    _ = improviser.prime(with: modelText.text)
    let settings = SamplerSettings(request.sampling)
    improviser.legality = request.sampling.isLegal ? .legal : .free
    var written: [GeneratedCharacter] = []
    for offset in 0..<request.count {
      if isCancelled() { break }
      // Past the end of a tune the empty line is not offered again.
      improviser.mayEndTune = offset > 0 || request.mayEnd
      let next = improviser.next(
        settings, rng: request.rng, run: UInt64(request.run),
        index: UInt64(request.index + offset))
      if improviser.endsTune { return (written, true, modelText.notice) }
      written.append(next)
    }
    return (written, false, modelText.notice)
  }
}
