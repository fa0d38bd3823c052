import Glibc
import Kernels

/// How fast one thread reads memory here: what a network would reach if arithmetic were free.
public enum ReadBandwidth {
  /// Bytes a second over a working set of `size` bytes that is read again and again, in the thread's
  /// own time; 0 where there is no memory.
  public static func bytesPerSecond(size: Int) -> Double {
    let size = max(4096, size)
    guard let memory = try? WeightMemory(size: size) else { return 0 }
    // Pages that were never written all show the same empty page.
    memset(memory.start, 1, size)
    guard let read = lilt_kernels().pointee.read else { return 0 }
    let passes = max(4, 200_000_000 / size)
    var seen = read(memory.start, size)
    let start = now()
    for _ in 0..<passes { seen &+= read(memory.start, size) }
    let seconds = max(1e-9, now() - start)
    // The sum has to be used, or the reading might be left out.
    return Double(passes) * Double(size) / seconds + (seen == 1 ? 1e-3 : 0)
  }

  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// How fast one thread multiplies and adds here: what a network would reach if reading were free.
public enum ArithmeticPeak {
  /// Multiplications and additions a second, in the thread's own time.
  public static func operationsPerSecond(_ precision: Precision) -> Double {
    operationsPerSecond(precision, rounds: 200_000, set: lilt_kernels())
  }

  static func operationsPerSecond(
    _ precision: Precision, rounds: Int32, set: UnsafePointer<LiltKernels>
  ) -> Double {
    let format = precision.format
    // The first rounds wake the vector units.
    _ = set.pointee.multiply(format, 10_000)
    let clock = ReadBandwidth.now()
    let operations = set.pointee.multiply(format, rounds)
    return Double(operations) / max(1e-9, ReadBandwidth.now() - clock)
  }
}
