import Glibc
import Kernels
import Synchronization

/// On how many threads a step is done. The scores do not depend on it.
public enum ThreadChoice: String, CaseIterable, Sendable {
  /// Two where that has lately been faster, else one.
  case auto
  case one = "1"
  /// Two always, unless another step has the second thread at this moment.
  case two = "2"

  /// Does a step, on the caller's thread and perhaps a second one.
  ///
  /// - Parameter worth: Bytes of weights times streams, which says how long the step will take.
  func run(_ job: inout StepJob, worth: Int) {
    switch self {
    case .one: job.runAlone()
    case .two: if !job.runAsPair() { job.runAlone() }
    case .auto:
      // A meeting of two threads costs about a tenth of a microsecond.
      guard worth >= 1 << 17 else { return job.runAlone() }
      Self.governor.run(&job)
    }
  }

  private static let governor = ThreadGovernor()

  /// Threads that there can be: 2 where this process has more than one core.
  public static var most: Int { lilt_cores() > 1 ? 2 : 1 }

  /// How many threads `auto` uses at this moment.
  public static var current: Int { governor.current }
}

extension StepJob {
  func runAlone() { network.takeUnretainedValue().work(self, member: 0, members: 1) }

  /// False where there is no second thread to have.
  mutating func runAsPair() -> Bool {
    withUnsafeMutablePointer(to: &self) { job in
      lilt_pair_run(
        { context, member in
          guard let job = context?.assumingMemoryBound(to: StepJob.self).pointee else { return }
          job.network.takeUnretainedValue().work(job, member: Int(member), members: 2)
        }, job)
    }
  }
}

/// Chooses between one thread and two by measuring both, again and again.
///
/// A few steps of each kind in turn make a trial; the faster kind stays until the next trial. While
/// two threads lose, trials become rare, so that a busy second core costs next to nothing; while two
/// win, single steps that take far too long (the other thread has lost its core) call for a trial at
/// once.
final class ThreadGovernor: Sendable {
  private struct Record {
    var phase = Phase.trial(pair: false, left: ThreadGovernor.trialSteps)
    var alone = UInt64.max
    var paired = UInt64.max
    var pause = ThreadGovernor.shortestPause
    var usesPair = false
    var slowSteps = 0
    /// The network and streams that were measured.
    var measured = 0
  }

  private enum Phase {
    case trial(pair: Bool, left: Int)
    /// Steps until the next trial.
    case settled(left: Int)
  }

  private static let trialSteps = 12
  private static let shortestPause = 1000
  private static let longestPause = 64000
  private let record = Mutex(Record())
  private let hasTwoCores = lilt_cores() > 1

  var current: Int { record.withLock { $0.usesPair ? 2 : 1 } }

  func run(_ job: inout StepJob) {
    guard hasTwoCores else { return job.runAlone() }
    let kind = Int(bitPattern: job.network.toOpaque()) ^ job.streams
    let pair = record.withLock { record in
      if record.measured != kind {
        record = Record()
        record.measured = kind
      }
      switch record.phase {
      case .trial(let pair, _): return pair
      case .settled: return record.usesPair
      }
    }
    let start = Self.now()
    let wasPair = pair && job.runAsPair()
    if !wasPair { job.runAlone() }
    let time = Self.now() - start
    // Steps that find sums made ahead are short: only the others are compared.
    if let ahead = job.ahead, ahead.areThere { return }
    record.withLock { record in
      guard record.measured == kind else { return }
      Self.note(&record, time, pair: pair, wasPair: wasPair)
    }
  }

  private static func note(_ record: inout Record, _ time: UInt64, pair: Bool, wasPair: Bool) {
    switch record.phase {
    case .trial(let tried, let left):
      if pair && !wasPair {
        // Another step has the second thread.
        record.usesPair = false
        record.phase = .settled(left: record.pause)
        return
      }
      // The best of a trial: what the machine does when nothing comes between.
      if tried {
        record.paired = min(record.paired, time)
      } else {
        record.alone = min(record.alone, time)
      }
      // A trial of two threads that is going badly ends at once.
      let isHopeless = tried && time > 4 * record.alone
      if isHopeless { record.paired = time }
      guard left <= 1 || isHopeless else {
        record.phase = .trial(pair: tried, left: left - 1)
        return
      }
      guard tried else {
        record.phase = .trial(pair: true, left: trialSteps)
        record.paired = .max
        return
      }
      record.usesPair = !isHopeless && record.paired < record.alone - record.alone / 16
      record.pause = record.usesPair ? shortestPause : min(2 * record.pause, longestPause)
      record.slowSteps = 0
      record.phase = .settled(left: record.pause)
    case .settled(let left):
      if record.usesPair, time > 2 * record.alone {
        record.slowSteps += 1
        if record.slowSteps >= 2 {
          record.usesPair = false
          record.pause = min(2 * record.pause, longestPause)
          record.slowSteps = 0
          record.phase = .settled(left: record.pause)
          return
        }
      }
      if left <= 1 {
        record.alone = .max
        record.paired = .max
        record.phase = .trial(pair: false, left: trialSteps)
      } else {
        record.phase = .settled(left: left - 1)
      }
    }
  }

  /// Nanoseconds.
  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
