import Notes

extension SeparatedVoice {
  /// Names every note by the key in force and by where the melody goes from it.
  mutating func spell(in keys: [Score.KeySignature]) {
    var place = 0
    for index in sounds.indices {
      let sound = sounds[index]
      while place + 1 < keys.count, keys[place + 1].at <= sound.start { place += 1 }
      let fifths = keys.indices.contains(place) ? keys[place].fifths : 0
      let isMinor = keys.indices.contains(place) && keys[place].isMinor
      sounds[index].names = sound.keys.map { key in
        // A note said again goes where its last one goes.
        var next = index + 1
        while next < sounds.count, next < index + 8, sounds[next].keys.contains(key) { next += 1 }
        var before = index - 1
        while before >= 0, before > index - 8, sounds[before].keys.contains(key) { before -= 1 }
        let later = next < sounds.count ? sounds[next].keys : []
        let earlier = before >= 0 ? sounds[before].keys : []
        return Spelling(
          key: key, fifths: fifths, isMinor: isMinor,
          .init(
            isFromBelow: earlier.contains(key - 1), isFromAbove: earlier.contains(key + 1),
            isToAbove: later.contains(key + 1), isToBelow: later.contains(key - 1)))
      }
    }
  }
}
