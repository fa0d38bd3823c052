/// Writes out a `P:` order such as `((AB)2.C)2` (ABC 2.1 §3.1.9).
struct PartOrder {
  private(set) var letters: [UInt8] = []
  /// False for text that is no order ("AABB twice"): the tune is then played as written.
  private(set) var isOrder = true
  private(set) var isTooLong = false
  static let most = 500

  init(_ text: String) {
    guard !text.isEmpty else { return }
    let bytes = text.utf8.filter { $0 != 0x20 && $0 != UInt8(ascii: ".") && $0 != 0x09 }
    var stack: [[UInt8]] = [[]]
    /// What a number that follows would repeat.
    var last: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
        last = [byte]
        stack[stack.count - 1].append(byte)
        index += 1
      case UInt8(ascii: "("):
        guard stack.count < 32 else {
          isOrder = false
          return
        }
        stack.append([])
        last = []
        index += 1
      case UInt8(ascii: ")"):
        guard stack.count > 1 else {
          isOrder = false
          return
        }
        last = stack.removeLast()
        stack[stack.count - 1] += last
        index += 1
      case 0x30...0x39:
        var count = 0
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
          count = min(count * 10 + Int(bytes[index] - 0x30), 1000)
          index += 1
        }
        guard !last.isEmpty else {
          isOrder = false
          return
        }
        let top = stack.count - 1
        stack[top].removeLast(min(last.count, stack[top].count))
        if stack[top].count + count * last.count > PartOrder.most {
          isTooLong = true
          count = max((PartOrder.most - stack[top].count) / last.count, 0)
        }
        for _ in 0..<count { stack[top] += last }
        last = []
      default:
        isOrder = false
        return
      }
      if stack.reduce(0, { $0 + $1.count }) > PartOrder.most {
        isTooLong = true
        for level in stack.indices where stack[level].count > PartOrder.most {
          stack[level] = Array(stack[level].prefix(PartOrder.most))
        }
      }
    }
    while stack.count > 1 {
      let inner = stack.removeLast()
      stack[stack.count - 1] += inner
    }
    // Words such as "AABB twice" or "as written" are text, not an order.
    let small = stack[0].count { $0 >= 0x61 }
    if small > 3 || (small > 0 && small < stack[0].count) {
      isOrder = false
      return
    }
    letters = Array(stack[0].prefix(PartOrder.most))
  }
}
