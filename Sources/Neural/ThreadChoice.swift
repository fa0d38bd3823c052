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
/// two threads lose, trials become rare, so that a busy second core costs next to nothing. While two
/// win, what they cost is added up: when it comes to more than one thread would have (the other one
/// has lost its core again and again), they have lost. Each network has a record of its own for each magnitude of streams: networks that read in
/// turn, or tunes that end one after the other, do not make it begin anew.
final class ThreadGovernor: Sendable {
  /// Which steps are alike: those of one network with about as many streams.
  struct Kind: Equatable {
    var network: UnsafeMutableRawPointer
    /// Of streams: the power of two that is not below their number.
    var magnitude: Int

    init(network: UnsafeMutableRawPointer, streams: Int) {
      self.network = network
      magnitude = Int.bitWidth - (max(1, streams) - 1).leadingZeroBitCount
    }
  }

  struct Record {
    var phase = Phase.trial(pair: false, left: ThreadGovernor.trialSteps)
    /// Nanoseconds for each stream.
    var alone = UInt64.max
    var paired = UInt64.max
    /// Nanoseconds for which one thread stays.
    var pause = ThreadGovernor.shortestPause
    var usesPair = false
    /// Steps of two threads since the last trial, and what they took, for each stream.
    var steps: UInt64 = 0
    var spent: UInt64 = 0

    /// Whether the next step is to be done by two threads.
    var wantsPair: Bool {
      switch phase {
      case .trial(let pair, _): pair
      case .settled: usesPair
      }
    }
  }

  enum Phase {
    case trial(pair: Bool, left: Int)
    /// Nanoseconds of steps until the next trial.
    case settled(left: UInt64)
  }

  /// Records of the kinds that came last, the last one first.
  private struct Table: @unchecked Sendable {
    // @unchecked: addresses only tell networks apart.
    var entries: [(kind: Kind, record: Record)] = []

    /// Brings the record of a kind to the front, a new one if need be.
    mutating func find(_ kind: Kind) {
      guard entries.first?.kind != kind else { return }
      if let place = entries.firstIndex(where: { $0.kind == kind }) {
        entries.insert(entries.remove(at: place), at: 0)
      } else {
        if entries.count == mostKinds { entries.removeLast() }
        entries.insert((kind, Record()), at: 0)
      }
    }
  }

  fileprivate static let trialSteps = 12
  /// Of steps that take this many nanoseconds or more, fewer tell enough.
  fileprivate static let longStep: UInt64 = 500_000
  fileprivate static let longTrialSteps = 3
  fileprivate static let shortestPause: UInt64 = 200_000_000
  fileprivate static let longestPause: UInt64 = 12_800_000_000
  /// How long two threads stay.
  fileprivate static let pairTerm: UInt64 = 1_000_000_000
  /// Steps that one delay must not outweigh.
  fileprivate static let patience: UInt64 = 16
  private static let mostKinds = 32
  private let table = Mutex(Table())
  private let hasTwoCores = lilt_cores() > 1

  var current: Int { table.withLock { $0.entries.first?.record.usesPair == true ? 2 : 1 } }

  func run(_ job: inout StepJob) {
    guard hasTwoCores else { return job.runAlone() }
    let kind = Kind(network: job.network.toOpaque(), streams: job.streams)
    let pair = table.withLock { table in
      table.find(kind)
      return table.entries[0].record.wantsPair
    }
    let start = Self.now()
    let wasPair = pair && job.runAsPair()
    if !wasPair { job.runAlone() }
    let time = Self.now() - start
    // Steps that find sums made ahead are short: only the others are compared.
    if let ahead = job.ahead, ahead.areThere { return }
    table.withLock { table in
      table.find(kind)
      table.entries[0].record.note(time, streams: job.streams, pair: pair, wasPair: wasPair)
    }
  }

  /// Nanoseconds.
  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension ThreadGovernor.Record {
  /// Takes note of how long a step took, in nanoseconds.
  ///
  /// - Parameters:
  ///   - pair: Whether two threads were asked for; `wasPair`: whether there were two.
  mutating func note(_ whole: UInt64, streams: Int, pair: Bool, wasPair: Bool) {
    let time = whole / UInt64(max(1, streams))
    switch phase {
    case .trial(let tried, let left):
      if pair && !wasPair {
        // Another step has the second thread.
        usesPair = false
        phase = .settled(left: pause)
        return
      }
      // The best of a trial: what the machine does when nothing comes between.
      if tried { paired = min(paired, time) } else { alone = min(alone, time) }
      // A trial of two threads that is going badly ends at once.
      let isHopeless = tried && time > 4 * alone
      if isHopeless { paired = time }
      let most =
        whole >= ThreadGovernor.longStep ? ThreadGovernor.longTrialSteps : ThreadGovernor.trialSteps
      let rest = min(left, most) - 1
      guard rest <= 0 || isHopeless else {
        phase = .trial(pair: tried, left: rest)
        return
      }
      guard tried else {
        phase = .trial(pair: true, left: ThreadGovernor.trialSteps)
        paired = .max
        return
      }
      steps = 0
      spent = 0
      settle(pair: !isHopeless && paired < alone - alone / 16)
    case .settled(let left):
      if usesPair {
        steps += 1
        spent += time
        if spent > max(steps, ThreadGovernor.patience) * (alone + alone / 4) {
          return settle(pair: false)
        }
      }
      if whole < left {
        phase = .settled(left: left - whole)
      } else {
        alone = .max
        paired = .max
        phase = .trial(pair: false, left: ThreadGovernor.trialSteps)
      }
    }
  }

  private mutating func settle(pair: Bool) {
    usesPair = pair
    phase = .settled(left: pair ? ThreadGovernor.pairTerm : pause)
    pause = pair ? ThreadGovernor.shortestPause : min(2 * pause, ThreadGovernor.longestPause)
  }
}
