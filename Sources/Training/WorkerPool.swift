import Glibc
import Synchronization
internal import TrainingKernels

/// Threads that share out numbered pieces of work.
///
/// Whoever is free takes the next piece, so a core that other programs use slows nothing down but
/// itself. What a piece computes must not depend on who does it, nor on pieces of the same run.
final class WorkerPool {
  let threadCount: Int
  private let board = Board()

  init(threadCount: Int) {
    self.threadCount = max(1, min(threadCount, 256))
    for _ in 1..<max(self.threadCount, 1) { startThread() }
  }

  deinit { board.close() }

  /// Does pieces `0..<count`, in any order and at the same time; returns when all are done.
  func run(_ count: Int, _ body: (Int) -> Void) {
    if threadCount == 1 || count <= 1 {
      for piece in 0..<max(count, 0) { body(piece) }
      return
    }
    withoutActuallyEscaping(body) { escapable in
      board.run(count, escapable)
    }
  }

  private func startThread() {
    let context = Unmanaged.passRetained(board).toOpaque()
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Board>.fromOpaque(context).takeRetainedValue().work()
        return nil
      }, context)
    if status == 0 {
      pthread_detach(thread)
    } else {
      // Fewer threads do the same work.
      Unmanaged<Board>.fromOpaque(context).release()
    }
  }
}

/// What is to be done, and what has been.
private final class Board: @unchecked Sendable {
  // @unchecked: `body` is written only while no piece can be claimed, and read only by whoever has
  // claimed one; `run` returns after every claimed piece is done.
  private var body: (Int) -> Void = { _ in }
  /// Run number, how many pieces it has, and the next piece: 24, 20 and 20 bits.
  private let job = Atomic<UInt64>(0)
  private let done = Atomic<Int>(0)
  private let isClosed = Atomic<Bool>(false)
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let bell = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private static let spins = 2000

  init() {
    lock.initialize(to: pthread_mutex_t())
    bell.initialize(to: pthread_cond_t())
    pthread_mutex_init(lock, nil)
    pthread_cond_init(bell, nil)
  }

  deinit {
    pthread_cond_destroy(bell)
    pthread_mutex_destroy(lock)
    bell.deallocate()
    lock.deallocate()
  }

  func close() {
    isClosed.store(true, ordering: .releasing)
    ring()
  }

  func run(_ count: Int, _ body: @escaping (Int) -> Void) {
    precondition(count < 1 << 20, "too many pieces of work")
    self.body = body
    done.store(0, ordering: .relaxed)
    let number = (job.load(ordering: .relaxed) >> 40) &+ 1
    job.store(number << 40 | UInt64(count) << 20, ordering: .sequentiallyConsistent)
    ring()
    while takePiece() {}
    var waits = 0
    while done.load(ordering: .acquiring) < count {
      waits += 1
      if waits < Self.spins { lilt_training_pause() } else { sched_yield() }
    }
    self.body = { _ in }
  }

  func work() {
    var waits = 0
    while !isClosed.load(ordering: .acquiring) {
      if takePiece() {
        waits = 0
        continue
      }
      waits += 1
      if waits < Self.spins {
        lilt_training_pause()
        continue
      }
      pthread_mutex_lock(lock)
      if !hasPiece, !isClosed.load(ordering: .acquiring) { pthread_cond_wait(bell, lock) }
      pthread_mutex_unlock(lock)
      waits = 0
    }
  }

  private var hasPiece: Bool {
    let word = job.load(ordering: .sequentiallyConsistent)
    return word & 0xfffff < word >> 20 & 0xfffff
  }

  private func ring() {
    pthread_mutex_lock(lock)
    pthread_cond_broadcast(bell)
    pthread_mutex_unlock(lock)
  }

  private func takePiece() -> Bool {
    let word = job.load(ordering: .acquiring)
    let piece = word & 0xfffff
    guard piece < word >> 20 & 0xfffff else { return false }
    let (taken, _) = job.compareExchange(
      expected: word, desired: word + 1, ordering: .acquiringAndReleasing)
    guard taken else { return true }
    body(Int(piece))
    done.add(1, ordering: .acquiringAndReleasing)
    return true
  }
}
