import Analysis
import Compose
import Dispatch
import Synchronization

/// The judge at work, away from the main thread and from the model.
final class JudgeQueue: Sendable {
  private let queue = DispatchQueue(label: "judge", qos: .utility)
  private let mailbox: Mailbox
  private let repertoires = Mutex<[Repertoire]>([])

  init(mailbox: Mailbox) { self.mailbox = mailbox }

  /// From now on judges by these tunes.
  func judge(by repertoires: [Repertoire]) {
    self.repertoires.withLock { $0 = repertoires }
  }

  func answer(_ request: CritiqueRequest) {
    let known = repertoires.withLock { $0 }
    queue.async {
      let critiques = request.subjects.map {
        Critique($0.text, isComplete: $0.isComplete, repertoires: known)
      }
      self.mailbox.post(.judged(request.report(critiques)))
    }
  }
}
