import Synchronization

/// A checkpoint's network, and how its packed weights get into the cache it was looked for in.
public final class LoadedNetwork: Sendable {
  /// Its tensors are in the file still.
  public let checkpoint: Checkpoint
  public let network: RecurrentNetwork
  /// Whether the packed weights were in the cache.
  public let wasKept: Bool

  private let state: Mutex<State>

  private struct State {
    var fingerprint: String?
    /// nil once the weights are kept.
    var unkept: Unkept?
  }

  /// Packed weights, and where they are to be kept.
  struct Unkept {
    var cache: PackedCache
    /// As asked for, which may be `auto`.
    var precision: Precision
    var kernels: UnsafeKernels
    var blocks: [WeightMemory]
  }

  init(_ checkpoint: Checkpoint, _ network: RecurrentNetwork, fingerprint: String) {
    self.checkpoint = checkpoint
    self.network = network
    wasKept = true
    state = Mutex(State(fingerprint: fingerprint))
  }

  init(_ checkpoint: Checkpoint, _ network: RecurrentNetwork, _ unkept: Unkept) {
    self.checkpoint = checkpoint
    self.network = network
    wasKept = false
    state = Mutex(State(unkept: unkept))
  }

  /// The checkpoint's. Where the weights were not in the cache, the first call reads the whole file.
  public var fingerprint: String { readFingerprint ?? checkpoint.fingerprint }

  /// nil where the file cannot be read any more.
  var readFingerprint: String? {
    if let known = state.withLock({ $0.fingerprint }) { return known }
    guard let whole = try? checkpoint.read() else { return nil }
    let fingerprint = whole.fingerprint
    state.withLock { $0.fingerprint = fingerprint }
    return fingerprint
  }

  /// Puts the packed weights into the cache, for the next start; does nothing where they are there.
  ///
  /// Reads the checkpoint once more and writes about as much: best done once there is something to
  /// see. What cannot be kept is packed again at the next start.
  public func keep() {
    let unkept = state.withLock { state in
      defer { state.unkept = nil }
      return state.unkept
    }
    if let unkept { unkept.cache.keep(self, unkept) }
  }
}
