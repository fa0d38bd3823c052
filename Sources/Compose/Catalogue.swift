public import ABC

/// The instruments, scales, moods and ways to play ornaments that can be asked for by name.
public struct Catalogue: Hashable, Sendable {
  public struct Instrument: Hashable, Sendable {
    public var name: String
    /// Lowest and highest MIDI key.
    public var lowest: Int
    public var highest: Int
    /// One sentence: which instrument, and where its range comes from.
    public var about: String

    public init(name: String, lowest: Int, highest: Int, about: String = "") {
      self.name = name
      self.lowest = lowest
      self.highest = highest
      self.about = about
    }
  }

  public struct NamedScale: Hashable, Sendable {
    public var name: String
    /// Half tones above the tonic, 0…11.
    public var ascending: [Int]
    public var descending: [Int]
    public var about: String

    public init(name: String, ascending: [Int], descending: [Int], about: String = "") {
      self.name = name
      self.ascending = ascending
      self.descending = descending
      self.about = about
    }
  }

  /// A manner of music by name: what is wanted of a tune, and how its header is.
  public struct Mood: Hashable, Sendable {
    public var name: String
    /// Values of `SamplingValue` by name, in the order of its table.
    public var values: [(name: String, value: String)]
    /// Fields of a new tune's header: R, M, K.
    public var fields: [Character: String]
    /// Beats a minute.
    public var tempo: Int?
    public var about: String

    public init(
      name: String, values: [(name: String, value: String)] = [],
      fields: [Character: String] = [:], tempo: Int? = nil, about: String = ""
    ) {
      self.name = name
      self.values = values
      self.fields = fields
      self.tempo = tempo
      self.about = about
    }

    public static func == (left: Mood, right: Mood) -> Bool {
      left.name == right.name && left.fields == right.fields && left.tempo == right.tempo
        && left.about == right.about && left.values.elementsEqual(right.values, by: ==)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
  }

  public var instruments: [Instrument]
  public var scales: [NamedScale]
  public var moods: [Mood]
  public var ornaments: [OrnamentStyle]
  /// Checkpoints that are known by name.
  public var checkpoints: [String]

  public init(
    instruments: [Instrument] = [], scales: [NamedScale] = [], moods: [Mood] = [],
    ornaments: [OrnamentStyle] = [], checkpoints: [String] = []
  ) {
    self.instruments = instruments
    self.scales = scales
    self.moods = moods
    self.ornaments = ornaments
    self.checkpoints = checkpoints
  }

  /// Scales that follow a tune's key, whatever it is.
  public static let scalesOfKeys = ["key", "pentatonic", "hexatonic"]

  public var scaleNames: [String] { Self.scalesOfKeys + scales.map(\.name) }
}
