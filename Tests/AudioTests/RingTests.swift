import Glibc
import Testing

@testable import Audio

@Suite struct RingTests {
  @Test func `elements come out in the order in which they went in`() {
    let ring = Ring<Int>(capacity: 4)
    for lap in 0..<10 {
      for index in 0..<4 { #expect(ring.push(lap * 4 + index)) }
      #expect(!ring.push(-1))
      for index in 0..<4 { #expect(ring.pop() == lap * 4 + index) }
      #expect(ring.pop() == nil)
    }
  }

  @Test func `two threads pass a hundred thousand elements without losing one`() async {
    let ring = Ring<Int>(capacity: 64)
    let count = 100_000
    async let sum = Task.detached {
      var expected = 0
      var mistakes = 0
      while expected < count {
        guard let element = ring.pop() else {
          sched_yield()
          continue
        }
        if element != expected { mistakes += 1 }
        expected += 1
      }
      return mistakes
    }.value
    await Task.detached {
      for element in 0..<count { while !ring.push(element) { sched_yield() } }
    }.value
    #expect(await sum == 0)
  }
}
