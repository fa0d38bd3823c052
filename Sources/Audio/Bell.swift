import Glibc

/// Wakes a thread that waits for work. Ringing never blocks and may be done by the audio thread.
struct Bell: Sendable {
  private let reading: Int32
  private let writing: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    for end in ends where end >= 0 {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    reading = ends[0]
    writing = ends[1]
  }

  func close() {
    _ = Glibc.close(reading)
    _ = Glibc.close(writing)
  }

  func ring() {
    var byte: UInt8 = 1
    // A full pipe has been rung often enough.
    _ = write(writing, &byte, 1)
  }

  /// Waits until the bell has been rung since the last wait; `milliseconds` < 0 is for ever.
  ///
  /// - Returns: Whether it was rung, or waiting was interrupted; false when the time has passed.
  @discardableResult
  func wait(milliseconds: Int32 = -1) -> Bool {
    var request = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    let count = poll(&request, 1, milliseconds)
    guard count > 0 else { return count < 0 }
    withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
      while read(reading, buffer.baseAddress, buffer.count) == buffer.count {}
    }
    return true
  }
}

/// Nanoseconds on the monotonic clock.
func nanosecondsNow() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Sleeps until a moment of the monotonic clock; not at all when it has passed.
func sleep(untilNanoseconds moment: Int) {
  var time = timespec(tv_sec: moment / 1_000_000_000, tv_nsec: moment % 1_000_000_000)
  while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
}
