import Analysis
import Compose
import Dispatch
import Neural
import Synchronization

/// The model at work, away from the main thread: answers one request after another, in the order in
/// which they were asked.
///
/// A request says all there is to know, so an answer that comes too late can simply be dropped.
final class Generator: @unchecked Sendable {
  // @unchecked: `improviser` is touched by work on `queue` only, which does one thing at a time.
  private var improviser: Improviser?
  private let queue = DispatchQueue(label: "generator", qos: .userInitiated)
  private let mailbox: Mailbox
  private let judge: JudgeQueue
  /// Requests up to this number are no longer wanted.
  private let cancelled = Atomic<Int>(0)
  private let latest = Atomic<Int>(0)

  /// - Parameter judge: Told which tunes the model knows.
  init(mailbox: Mailbox, judge: JudgeQueue) {
    self.mailbox = mailbox
    self.judge = judge
  }

  /// Loads a model and says how that went; requests that come meanwhile wait for it.
  ///
  /// - Parameter repertoires: Files of the musician's own tunes, which it should not copy either.
  func load(path: String, precision: Precision, repertoires: [String]) {
    queue.async { self.read(path, precision, repertoires) }
  }

  private func read(_ path: String, _ precision: Precision, _ files: [String]) {
    do throws(CheckpointError) {
      let loaded = try CheckpointLocator().cache.load(path: path, precision: precision)
      let model = try ImproviserModel(loaded, repertoires: repertoires(beside: path, and: files))
      improviser = Improviser(model)
      judge.judge(by: model.repertoires)
      let description = model.description
      let known = (0..<description.vocabulary.count).map {
        Character(description.vocabulary[$0])
      }
      mailbox.post(
        .modelLoaded(
          ModelSummary(
            name: description.name, hash: model.fingerprint,
            precision: model.network.precision.rawValue, headerFields: description.headerFields,
            vocabulary: Set(known), repertoires: model.repertoires.map(\.fingerprint))))
      loaded.keep()
    } catch {
      mailbox.post(.modelFailed("\(path): \(error.description)"))
    }
  }

  /// What can be read of them; the rest is told.
  private func repertoires(beside path: String, and files: [String]) -> [Repertoire] {
    let locator = CheckpointLocator()
    do throws(CommandFailure) {
      return try locator.repertoires(for: path, and: files)
    } catch {
      mailbox.post(.warned("\(error.description); its tunes are not guarded against copying"))
      return (try? locator.repertoire(for: path)).flatMap { $0 }.map { [$0] } ?? []
    }
  }

  /// Drops what is being written. Callable from any thread, at once.
  func cancel() {
    cancelled.store(latest.load(ordering: .acquiring), ordering: .releasing)
  }

  func answer(_ request: GenerationRequest) {
    work(on: request.identifier) { writer, isCancelled in
      if request.count == 0 {
        // Further back a copy reads, so that the writer keeps what it has read up to the end.
        let isBack = request.text.utf8.count < writer.text.utf8.count
        var reader = writer
        _ = reader.write(request, isCancelled: isCancelled)
        if !isBack { writer = reader }
        return .nextCharactersFound(
          reader.distribution(top: 12), entropy: reader.entropy, request: request.identifier)
      }
      return Generator.write(request, &writer, isCancelled)
    }
  }

  private static func write(
    _ request: GenerationRequest, _ improviser: inout Improviser, _ isCancelled: () -> Bool
  ) -> Event? {
    let written = improviser.write(request, isCancelled: isCancelled)
    guard !isCancelled() else { return nil }
    let entropy = improviser.entropy
    let next = improviser.distribution(top: 12)
    return .generated(
      GenerationResult(
        request: request.identifier, characters: written.characters,
        endsTune: written.endsTune, closesGap: written.closesGap, next: next,
        entropy: entropy, unknown: request.index == 0 ? written.notice : ""))
  }

  func answer(_ request: FillRequest) {
    work(on: request.identifier) { improviser, isCancelled in
      let candidates = improviser.fill(request, isCancelled: isCancelled)
      guard !isCancelled() else { return nil }
      return .filled(FillResult(request: request.identifier, candidates: candidates))
    }
  }

  /// Does a request's work when those before it are done, unless it is cancelled first.
  private func work(
    on request: Int,
    _ write: @escaping @Sendable (inout Improviser, _ isCancelled: () -> Bool) -> Event?
  ) {
    latest.store(request, ordering: .releasing)
    queue.async {
      let isCancelled = { request <= self.cancelled.load(ordering: .acquiring) }
      guard !isCancelled() else { return }
      // Taken out while it works, so that its state is changed in place and not copied.
      guard var improviser = self.improviser.take() else {
        self.mailbox.post(.generationFailed(request: request, sentence: "no model is loaded"))
        return
      }
      let event = write(&improviser, isCancelled)
      self.improviser = improviser
      if let event { self.mailbox.post(event) }
    }
  }
}
