import Analysis
import CProgram
import Compose
import Dispatch
import Neural
import Synchronization

/// The model at work, away from the main thread: answers one request after another, in the order in
/// which they were asked.
///
/// A request says all there is to know, so an answer that comes too late can simply be dropped.
final class Generator: @unchecked Sendable {
  // @unchecked: `author` is touched by work on `queue` only, which does one thing at a time.
  private var author: Author?
  /// The coming bars, as far as they were looked at, and the request that asked for them.
  private var foresight: (request: Int, bars: Foresight)?
  /// What the loaded model reads where it writes characters; callable from any thread.
  var description: ModelDescription? { loaded.withLock { $0 } }
  private let loaded = Mutex<ModelDescription?>(nil)
  private var shelf = ModelShelf(precision: .auto)
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
    do throws(CommandFailure) {
      let (model, network) = try CheckpointLocator().author(
        for: path, precision: precision, repertoires: repertoires(beside: path, and: files))
      author = Author(model)
      judge.judge(by: model.repertoires)
      if case .characters(let model) = model {
        loaded.withLock { $0 = model.description }
      } else {
        loaded.withLock { $0 = nil }
      }
      shelf = ModelShelf(precision: precision)
      foresight = nil
      mailbox.post(.modelLoaded(model.summary))
      network?.keep()
      // For the next start, now that there is something to see.
      _ = KernelSpeeds.known(in: Paths.current.kernelSpeeds)
      // Reading takes twice what stays; the rest goes back to the system once all of it is let go of.
      queue.async { program_trim_memory() }
    } catch {
      mailbox.post(.modelFailed(error.description))
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

  /// What came of a request.
  private struct Answer {
    var event: Event?
    /// Who goes on from there, for the plan of the coming bars; `nil` where it is not asked for.
    var improviser: Improviser?
    /// Characters that it has written of its run.
    var index = 0
  }

  func answer(_ request: GenerationRequest) {
    work(on: request.identifier, request.sampling.writing.mix) { writer, isCancelled in
      let isAsked = request.foresees
      if request.count == 0 {
        // Further back a copy reads, so that the writer keeps what it has read up to the end.
        let isBack = request.text.utf8.count < writer.text.utf8.count
        var reader = writer
        _ = reader.write(request, isCancelled: isCancelled)
        if !isBack { writer = reader }
        let event = Event.nextCharactersFound(
          reader.distribution(top: 12), entropy: reader.entropy, request: request.identifier)
        return Answer(event: event, improviser: isAsked ? reader : nil, index: request.index)
      }
      let result = Generator.write(request, &writer, isCancelled)
      let index = request.index + (result?.characters.count ?? 0)
      let goesOn = isAsked && result?.endsTune == false
      return Answer(
        event: result.map(Event.generated), improviser: goesOn ? writer : nil, index: index)
    } notes: { author, isCancelled in
      if request.count == 0 {
        // A copy looks back, so that the writer keeps what it has read up to the end.
        var reader = author
        let (next, entropy) = reader.outlook(request)
        return Answer(
          event: .nextCharactersFound(next, entropy: entropy, request: request.identifier))
      }
      let written = author.write(request, isCancelled: isCancelled)
      guard !isCancelled() else { return Answer() }
      let (next, entropy) = author.outlook(after: request, written)
      return Answer(
        event: .generated(
          GenerationResult(
            request: request.identifier, characters: written.characters,
            endsTune: written.endsTune, closesGap: written.closesGap, next: next, entropy: entropy,
            unknown: written.notice, steps: written.steps)))
    } foresee: { answer in
      self.foresee(request, answer)
    }
  }

  /// Looks at the coming bars. Where nothing is being written it goes on until it knows them or a newer
  /// request comes; while a run goes on, a little after each answer.
  private func foresee(_ request: GenerationRequest, _ answer: Answer) {
    if let improviser = answer.improviser {
      foresight = (
        request.identifier,
        Foresight(
          improviser, SamplerSettings(request.sampling), rng: request.rng,
          run: UInt64(request.run), index: UInt64(answer.index))
      )
    }
    guard foresight != nil else { return }
    let isProbe = request.count == 0
    repeat {
      foresight?.bars.advance(by: Self.slice)
      if request.identifier <= cancelled.load(ordering: .acquiring) {
        foresight = nil
        return
      }
    } while isProbe && foresight?.bars.isComplete == false
      && latest.load(ordering: .acquiring) == request.identifier
    guard let foresight, foresight.bars.isComplete else { return }
    self.foresight = nil
    if !foresight.bars.bars.isEmpty {
      mailbox.post(.planForeseen(foresight.bars.bars, request: foresight.request))
    }
  }

  /// Characters that are looked ahead after each answer.
  private static let slice = 12

  private static func write(
    _ request: GenerationRequest, _ improviser: inout Improviser, _ isCancelled: () -> Bool
  ) -> GenerationResult? {
    let written = improviser.write(request, isCancelled: isCancelled)
    guard !isCancelled() else { return nil }
    let entropy = improviser.entropy
    let next = improviser.distribution(top: 12)
    return GenerationResult(
      request: request.identifier, characters: written.characters, endsTune: written.endsTune,
      closesGap: written.closesGap, next: next, entropy: entropy,
      unknown: request.index == 0 ? written.notice : "")
  }

  func answer(_ request: FillRequest) {
    work(on: request.identifier, request.sampling.writing.mix) { improviser, isCancelled in
      let candidates = improviser.fill(request, isCancelled: isCancelled)
      guard !isCancelled() else { return Answer() }
      return Answer(
        event: .filled(FillResult(request: request.identifier, candidates: candidates)))
    } notes: { author, isCancelled in
      guard !request.gaps.contains(where: { $0.variation != nil || $0.harmony != nil }) else {
        return Answer(
          event: .generationFailed(
            request: request.identifier, sentence: Author.charactersOnly))
      }
      let candidates = author.fill(request, isCancelled: isCancelled)
      guard !isCancelled() else { return Answer() }
      return Answer(
        event: .filled(FillResult(request: request.identifier, candidates: candidates)))
    }
  }

  func answer(_ request: RankRequest) {
    work(on: request.identifier, request.sampling.writing.mix) { improviser, isCancelled in
      let bits = improviser.rank(request)
      guard !isCancelled() else { return Answer() }
      return Answer(event: .ranked(RankResult(request: request.identifier, bits: bits)))
    } notes: { _, _ in
      Answer(
        event: .generationFailed(
          request: request.identifier, sentence: Author.charactersOnly))
    }
  }

  func answer(_ request: DrawRequest) {
    work(on: request.identifier, request.base.sampling.writing.mix) { improviser, isCancelled in
      let result = improviser.draw(request, isCancelled: isCancelled)
      return isCancelled() ? Answer() : Answer(event: .drawn(result))
    } notes: { author, isCancelled in
      let result = author.draw(request, isCancelled: isCancelled)
      return isCancelled() ? Answer() : Answer(event: .drawn(result))
    }
  }

  /// Does a request's work when those before it are done, unless it is cancelled first.
  private func work(
    on request: Int, _ mix: Mix?,
    _ write: @escaping @Sendable (inout Improviser, _ isCancelled: () -> Bool) -> Answer,
    notes: @escaping @Sendable (inout NoteAuthor, _ isCancelled: () -> Bool) -> Answer,
    foresee: (@Sendable (Answer) -> Void)? = nil
  ) {
    latest.store(request, ordering: .releasing)
    queue.async {
      let isCancelled = { request <= self.cancelled.load(ordering: .acquiring) }
      guard !isCancelled() else { return }
      // Taken out while it works, so that its state is changed in place and not copied.
      let answer: Answer
      switch self.author.take() {
      case nil:
        self.mailbox.post(.generationFailed(request: request, sentence: "no model is loaded"))
        return
      case .characters(var improviser):
        do throws(CommandFailure) {
          try self.shelf.equip(&improviser, for: mix)
          answer = write(&improviser, isCancelled)
        } catch {
          answer = Answer(
            event: .generationFailed(request: request, sentence: "mix: \(error)"))
        }
        self.author = .characters(improviser)
      case .notes(var author):
        answer =
          mix == nil
          ? notes(&author, isCancelled)
          : Answer(
            event: .generationFailed(
              request: request, sentence: "mix: \(Author.charactersOnly)"))
        self.author = .notes(author)
      }
      if let event = answer.event { self.mailbox.post(event) }
      foresee?(answer)
    }
  }
}
