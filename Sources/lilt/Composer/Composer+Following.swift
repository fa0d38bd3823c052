import Compose

/// Telling what happens to those who follow.
extension Composer {
  /// Takes one more, who is told all that is so now.
  func follow(_ follower: Follower) {
    tellFollowers()
    var feed = NewsFeed()
    follower.send(news(&feed).map(\.line))
    if followers.isEmpty { self.feed = feed }
    followers.append(follower)
  }

  /// Tells what has changed since the last time.
  func tellFollowers() {
    followers.removeAll(where: \.isGone)
    guard !followers.isEmpty else { return }
    send(news(&feed))
  }

  func tellFollowers(ofExport path: String) {
    var news = News(.exported, seconds)
    news.path = path
    send([news])
  }

  /// Says that nothing more comes.
  func leaveFollowers() {
    tellFollowers()
    send([News(.left, seconds)])
    for follower in followers { follower.finish(within: 1000) }
    followers = []
  }

  private func send(_ news: [News]) {
    guard !news.isEmpty, !followers.isEmpty else { return }
    let lines = news.map(\.line)
    for follower in followers { follower.send(lines) }
  }

  private func news(_ feed: inout NewsFeed) -> [News] {
    feed.news(of: session, draft: journal.name, time: seconds)
  }

  private var seconds: Double { Double(now) / 1000 }
}
