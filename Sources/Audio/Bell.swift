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

  /// Readable while it has been rung.
  var descriptor: Int32 { reading }

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
    wait(orReadable: -1, milliseconds: milliseconds)
  }

  /// The same, but a file that can be read ends the wait, too.
  ///
  /// - Parameter descriptor: -1 for none.
  @discardableResult
  func wait(orReadable descriptor: Int32, milliseconds: Int32 = -1) -> Bool {
    var requests = (
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    )
    let count = withUnsafeMutableBytes(of: &requests) { bytes in
      poll(bytes.assumingMemoryBound(to: pollfd.self).baseAddress, 2, milliseconds)
    }
    guard count > 0 else { return count < 0 }
    // A file that is broken is always ready: that must not keep the thread busy.
    if requests.1.revents & Int16(POLLERR | POLLNVAL) != 0 { usleep(10_000) }
    guard requests.0.revents != 0 else { return true }
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
