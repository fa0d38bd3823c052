import Synchronization

/// A queue between exactly two threads: one pushes, the other pops. Neither waits, locks or
/// allocates. Elements are plain bytes, so nothing is retained or released on the way.
final class Ring<Element: BitwiseCopyable>: @unchecked Sendable {
  // @unchecked: `slots` is shared, but `head` and `tail` keep the two threads on different slots.
  private let slots: UnsafeMutablePointer<Element>
  private let mask: Int
  /// Elements popped so far; written by the reader only.
  private let head = Atomic<Int>(0)
  /// Elements pushed so far; written by the writer only.
  private let tail = Atomic<Int>(0)

  /// Room for `capacity` elements, rounded up to a power of two.
  init(capacity: Int) {
    var size = 1
    while size < capacity { size *= 2 }
    slots = .allocate(capacity: size)
    mask = size - 1
  }

  deinit { slots.deallocate() }

  /// False, and nothing pushed, when the ring is full.
  func push(_ element: Element) -> Bool {
    let position = tail.load(ordering: .relaxed)
    guard position - head.load(ordering: .acquiring) <= mask else { return false }
    (slots + (position & mask)).initialize(to: element)
    tail.store(position + 1, ordering: .releasing)
    return true
  }

  /// Whether nothing waits. Any thread may ask.
  var isEmpty: Bool { head.load(ordering: .acquiring) == tail.load(ordering: .acquiring) }

  func pop() -> Element? {
    let position = head.load(ordering: .relaxed)
    guard position != tail.load(ordering: .acquiring) else { return nil }
    let element = slots[position & mask]
    head.store(position + 1, ordering: .releasing)
    return element
  }
}
