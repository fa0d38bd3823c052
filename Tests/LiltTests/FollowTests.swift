import Compose
import Foundation
import Synchronization
import Testing

@testable import lilt

/// Programs that follow a session over the control socket.
@Suite(.serialized) struct FollowTests {
  @Test func `one who follows is told bars, beats, takes, messages, exports and the end`() throws {
    let composer = try RunningComposer()
    _ = try composer.status(within: 20) { $0.generator.state == "idle" }
    let follower = try FollowedNews(composer.workplace)
    #expect(composer.program.waitUntil(seconds: 20) { follower.has { $0.event == .generator } })
    composer.type(":insert\rM:4/4\nL:1/8\nK:D\nABcd efga|d4 A4|")
    composer.keys("Esc")
    #expect(try composer.status { $0.mode == "normal" }.mode == "normal")
    composer.type(":export follow.abc\r:export /nosuch/x.mid\r")
    composer.type(" ")
    #expect(
      composer.program.waitUntil(seconds: 20) {
        follower.has { $0.event == .beat && $0.bar == 1 && $0.beat ?? 0 > 1 }
      })
    composer.type(" ")
    composer.type(":quit\r")
    #expect(composer.program.waitUntil(seconds: 20) { follower.has { $0.event == .left } })
    #expect(composer.program.waitUntil(seconds: 20) { follower.isOver })
    let news = follower.news
    #expect(news.first?.event == .draft)
    #expect(news.last?.event == .left)
    #expect(news.contains { $0.event == .bar && $0.bar == 1 && $0.text == "ABcd efga|" })
    #expect(news.contains { $0.event == .bar && $0.bar == 2 && $0.by == "hand" })
    #expect(news.contains { $0.event == .exported && $0.path?.hasSuffix("follow.abc") == true })
    #expect(
      news.contains {
        $0.event == .message && $0.kind == "error" && $0.text?.contains("/nosuch") == true
      }
    )
    #expect(news.contains { $0.event == .player && $0.state == "playing" })
    // Nothing is said twice in a row, and time never goes back.
    #expect(zip(news, news.dropFirst()).allSatisfy { $0.time <= $1.time })
    let states = news.filter { $0.event == .player }.map(\.state)
    #expect(zip(states, states.dropFirst()).allSatisfy { $0 != $1 })
  }

  @Test func `one who never reads is let go of, and holds nobody up`() throws {
    var sockets: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
    defer { close(sockets[1]) }
    let follower = Follower(sockets[0])
    let line = String(repeating: "x", count: 1000)
    var sent = 0
    while !follower.isGone, sent < 100_000 {
      follower.send([line])
      sent += 1
    }
    #expect(follower.isGone)
    // The sending queue waits in `send`: closing this end lets it go.
    shutdown(sockets[1], Int32(SHUT_RDWR))
  }

  @Test func `following needs a lilt that runs, and takes no command`() throws {
    let place = try Workplace()
    let nobody = try place.run(["ctl", "--follow"])
    #expect(nobody.status == 1)
    #expect(nobody.errors.contains("no lilt is running"))
    let both = try place.run(["ctl", "--follow", "status"])
    #expect(both.status == 2)
    #expect(both.errors.contains("--follow takes no command"))
  }
}

/// What a follower is told, as it comes.
private final class FollowedNews: Sendable {
  private let state = Mutex<(news: [News], isOver: Bool)>(([], false))

  init(_ workplace: Workplace) throws {
    let client = try ControlClient.newest(draft: nil, paths: workplace.paths)
    Thread.detachNewThread { [self] in
      try? client.follow { bytes in
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let news = lines.compactMap { try? JSONDecoder().decode(News.self, from: Data($0)) }
        state.withLock { $0.news += news }
      }
      state.withLock { $0.isOver = true }
    }
  }

  var news: [News] { state.withLock { $0.news } }
  var isOver: Bool { state.withLock { $0.isOver } }
  func has(_ isWanted: (News) -> Bool) -> Bool { news.contains(where: isWanted) }
}
