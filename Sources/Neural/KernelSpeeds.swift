import Glibc
import Kernels

/// The sets of inner loops that this processor can run, and how fast each of them multiplies here.
///
/// Processors that have wider vectors are not always faster with them: it is measured once for each
/// machine, and remembered in a file.
public struct KernelSpeeds: Sendable, Equatable {
  /// Multiplications and additions a second on one thread.
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var int8: Double
    public var float32: Double
  }

  /// Best first, as far as that is known without measuring.
  public var entries: [Entry]
  /// The processor that was measured, as it calls itself.
  public var processor: String

  init(entries: [Entry], processor: String) {
    self.entries = entries
    self.processor = processor
  }

  /// The sets that can run here, best first.
  public static var available: [String] {
    ["avx512", "avxvnni", "avx2", "neon", "portable"].filter { lilt_kernels_named($0) != nil }
  }

  /// What `LILT_KERNELS` asks for and this processor has not; nil where all is well.
  public static var refused: String? {
    guard let wanted = getenv("LILT_KERNELS").map({ String(cString: $0) }), !wanted.isEmpty,
      lilt_kernels_named(wanted) == nil
    else { return nil }
    return wanted
  }

  /// Measures every set but the portable one, which is the last resort; some milliseconds.
  public static func measured() -> KernelSpeeds {
    let names = available.count > 1 ? available.filter { $0 != "portable" } : available
    let entries = names.compactMap { name -> Entry? in
      guard let set = lilt_kernels_named(name) else { return nil }
      func best(_ precision: Precision) -> Double {
        (0..<5).map { _ in ArithmeticPeak.operationsPerSecond(precision, rounds: 20_000, set: set) }
          .max() ?? 0
      }
      return Entry(name: name, int8: best(.int8), float32: best(.float32))
    }
    return KernelSpeeds(entries: entries, processor: processorName())
  }

  /// The set to use: the first, unless another is faster by a seventh in bytes and in floats.
  public var best: String? {
    guard let first = entries.first else { return nil }
    let margin = 1.15
    return
      (entries.filter { $0.int8 > margin * first.int8 && $0.float32 > margin * first.float32 }
      .max { $0.float32 < $1.float32 } ?? first).name
  }

  // MARK: The file

  /// What a file says of this very processor; nil where it says nothing, or nothing that can be read.
  public init?(file path: String) {
    guard let file = try? Checkpoint.OpenFile(path: path), (1...4096).contains(file.size),
      let bytes = try? Checkpoint.Storage.file(file).bytes(0..<file.size)
    else { return nil }
    self.init(text: String(decoding: bytes, as: UTF8.self))
    guard processor == Self.processorName() else { return nil }
  }

  init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count >= 3, lines[0] == Self.heading, lines.last == "" else { return nil }
    processor = lines[1]
    entries = []
    for line in lines[2..<(lines.count - 1)] {
      let words = line.split(separator: " ")
      guard words.count == 3, let int8 = Double(words[1]), let float32 = Double(words[2]),
        int8.isFinite, float32.isFinite
      else { return nil }
      entries.append(Entry(name: String(words[0]), int8: int8, float32: float32))
    }
  }

  var text: String {
    let rows = entries.map { "\($0.name) \($0.int8.rounded()) \($0.float32.rounded())\n" }
    return "\(Self.heading)\n\(processor)\n" + rows.joined()
  }

  private static let heading = "kernel speeds 1"

  /// Writes the file; one that cannot be written is measured again.
  public func keep(in path: String) {
    let temporary = path + ".\(getpid()).new"
    guard let file = fopen(temporary, "wx") else { return }
    let isWritten = fputs(text, file) >= 0
    if fclose(file) != 0 || !isWritten || rename(temporary, path) != 0 { unlink(temporary) }
  }

  /// What was measured earlier on this machine, or what is measured now and kept.
  public static func known(in path: String) -> KernelSpeeds {
    if let known = KernelSpeeds(file: path) { return known }
    let measured = measured()
    measured.keep(in: path)
    return measured
  }

  /// Lets the fastest set be used from now on where nothing else was asked for; before any network.
  public static func prefer(from path: String) {
    guard getenv("LILT_KERNELS") == nil, let best = KernelSpeeds(file: path)?.best,
      best != available.first, lilt_kernels_named(best) != nil
    else { return }
    setenv("LILT_KERNELS", best, 0)
  }

  /// The processor as it calls itself, and the number of its cores.
  private static func processorName() -> String {
    var name = "processor"
    if let file = fopen("/proc/cpuinfo", "r") {
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 512)
      for _ in 0..<16 {
        guard fgets(&line, Int32(line.count), file) != nil else { break }
        let text = String(
          decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        if text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") {
          name = text[text.index(after: colon)...].split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
          break
        }
      }
    }
    return "\(name), \(lilt_cores()) cores"
  }
}
