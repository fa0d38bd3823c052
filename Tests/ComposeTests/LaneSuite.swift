@testable import Compose

/// A suite whose tests begin with a tune of eight bars, and with phrases of it on the shelf.
protocol LaneSuite {}

extension LaneSuite {
  static var tune: String {
    """
    X:1
    T:Lane
    M:4/4
    L:1/4
    K:D
    ABcd|dcBA|A2d2|d4|
    eeff|gfed|e2c2|d4|

    """
  }

  func rig(_ text: String = Self.tune) -> Rig {
    var rig = Rig()
    rig.send(.fileRead(path: "lane.abc", text: text))
    rig.effects = []
    return rig
  }

  func kept(_ pairs: (String, String)...) -> Rig {
    var rig = rig()
    for (bars, name) in pairs {
      rig.run("select \(bars)")
      rig.run("keep \(name)")
    }
    return rig
  }

  func body(_ rig: Rig) -> String {
    let score = rig.session.score
    return rig.text.text(atBytes: score.parsed.body.lowerBound..<rig.text.utf8.count)
  }
}
