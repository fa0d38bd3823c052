import Glibc

/// How the learning rate changes while training goes on.
public struct Schedule: Hashable, Sendable {
  public enum Course: String, CaseIterable, Sendable {
    case constant
    /// Down to `floor` along half a cosine wave.
    case cosine
    /// Times `factor` after every `every` share of the training.
    case step
    /// Times `factor` whenever the loss on valid has not fallen for `patience` epochs.
    case plateau
  }

  public var course: Course
  /// The rate at its highest.
  public var rate: Double
  /// Steps in which the rate rises from 0.
  public var warmUp: Int
  /// Where `cosine` ends, as a share of `rate`.
  public var floor: Double
  public var factor: Double
  /// For `step`: share of the training between two falls.
  public var every: Double
  /// For `plateau`: epochs without a lower loss.
  public var patience: Int

  public init(
    course: Course = .cosine, rate: Double, warmUp: Int = 0, floor: Double = 0.01,
    factor: Double = 0.5, every: Double = 0.25, patience: Int = 2
  ) {
    self.course = course
    self.rate = rate
    self.warmUp = warmUp
    self.floor = floor
    self.factor = factor
    self.every = every
    self.patience = patience
  }

  /// The rate of a step.
  ///
  /// - Parameters:
  ///   - step: Steps taken before.
  ///   - progress: How much of the training is done, 0...1.
  ///   - falls: How often a plateau was met.
  public func rate(step: Int, progress: Double, falls: Int) -> Double {
    let warmth = warmUp > 0 ? min(1, Double(step + 1) / Double(warmUp)) : 1
    let progress = min(1, max(0, progress))
    switch course {
    case .constant:
      return rate * warmth
    case .cosine:
      return rate * warmth * (floor + (1 - floor) * 0.5 * (1 + cos(Double.pi * progress)))
    case .step:
      return rate * warmth * pow(factor, (progress / max(every, 1e-6)).rounded(.down))
    case .plateau:
      return rate * warmth * pow(factor, Double(falls))
    }
  }
}
