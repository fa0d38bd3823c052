import Music
import Testing

@testable import Compose

/// The tutorial, as a session goes through it.
@Suite struct TutorTests {
  private func rig() -> Rig {
    var rig = Rig()
    rig.run("tutor")
    return rig
  }

  private func text(_ rig: Rig) -> String {
    rig.session.tutor?.text { reference in
      switch reference {
      case .command(let invocation, _): "\(invocation.name.rawValue) \(invocation.argument)"
      case .line(let line): ":\(line)"
      case .key(let key): key
      }
    } ?? ""
  }

  @Test func `each step waits for what it asks for, and the whole story is a tune`() {
    var rig = rig()
    // What has nothing to do with the step does not end it.
    rig.run("temp +0.05")
    rig.run("metronome on")
    #expect(rig.session.tutor?.step == 0)
    rig.isHolding = false
    let playing = PlayerReport(
      state: .playing, playhead: .zero, output: "test", silence: "")
    let story: [(Rig) -> Rig] = [
      {
        $0.after {
          $0.run("gen.bar")
          $0.run("gen.bar")
          $0.run("gen.bar")
        }
      },
      { $0.after { $0.send(.playerChanged(playing)) } },
      { $0.after { for _ in 0..<3 { $0.run("temp +0.05") } } },
      { $0.after { for _ in 0..<2 { $0.run("temp -0.05") } } },
      {
        $0.after {
          $0.isHolding = true
          $0.run("gen.toggle")
          $0.run("gen.toggle")
        }
      },
      {
        $0.after {
          $0.isHolding = false
          $0.run("gen.toggle")
        }
      },
      { $0.after { $0.run("gen.bar-back") } },
      {
        $0.after {
          $0.press(.goTo, "2")
          $0.run("gen.retry-here")
        }
      },
      { $0.after { $0.run("take.prev") } },
      { $0.after { $0.run("undo") } },
      {
        $0.after {
          $0.run("alt")
          $0.run("alt.hear 2")
          $0.run("alt.choose")
        }
      },
      {
        $0.after {
          $0.run("insert")
          $0.send(.typed("CDEF|"))
          $0.send(.editKeyPressed(.escape))
        }
      },
      { $0.after { $0.run("name My First Tune") } },
      {
        $0.after {
          $0.run("export first.abc")
          $0.send(.fileWritten(path: "first.abc", remarks: []))
        }
      },
    ]
    #expect(story.count == Tutor.count)
    for (step, act) in story.enumerated() {
      #expect(rig.session.tutor?.step == step, "before step \(step + 1): \(text(rig))")
      #expect(!text(rig).contains("{"), "\(text(rig))")
      rig = act(rig)
      #expect(
        rig.session.tutor?.step == step + 1, "step \(step + 1): \(rig.session.message?.text ?? "")")
      #expect(rig.session.tutor?.learnt.isEmpty == false)
    }
    #expect(rig.session.tutor?.isOver == true)
    #expect(text(rig).contains("whole tune"))
    rig.run("tutor off")
    #expect(rig.session.tutor == nil)
  }

  @Test func `steps are skipped and gone back to, never beyond an end`() {
    var rig = rig()
    rig.run("tutor back")
    #expect(rig.session.tutor?.step == 0)
    for _ in 0..<(Tutor.count + 3) { rig.run("tutor next") }
    #expect(rig.session.tutor?.isOver == true)
    rig.run("tutor back")
    #expect(rig.session.tutor?.step == Tutor.count - 1)
    rig.run("tutor begin")
    #expect(rig.session.message?.kind == .error)
    rig.run("tutor off")
    rig.run("tutor next")
    #expect(rig.session.message?.text.contains("there is no tutorial") == true)
  }

  @Test func `references are commands with counts and modes, lines and keys`() {
    #expect(
      Tutor.Reference("temp +0.05") == .command(Invocation(.temperature, "+0.05"), mode: "normal"))
    #expect(
      Tutor.Reference("3 goto") == .command(Invocation(.goTo, count: 3), mode: "normal"))
    #expect(
      Tutor.Reference("audition/alt.choose")
        == .command(Invocation(.alternativeChoose), mode: "audition"))
    #expect(Tutor.Reference(":name A B") == .line("name A B"))
    #expect(Tutor.Reference("'Esc") == .key("Esc"))
  }
}

extension Rig {
  /// A copy to which something was done.
  fileprivate func after(_ act: (inout Rig) -> Void) -> Rig {
    var rig = self
    act(&rig)
    return rig
  }
}
