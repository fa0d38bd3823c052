/// The instruments and scales that can be asked for by name.
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

  public var instruments: [Instrument]
  public var scales: [NamedScale]

  public init(instruments: [Instrument] = [], scales: [NamedScale] = []) {
    self.instruments = instruments
    self.scales = scales
  }

  /// Scales that follow a tune's key, whatever it is.
  public static let scalesOfKeys = ["key", "pentatonic", "hexatonic"]

  public var scaleNames: [String] { Self.scalesOfKeys + scales.map(\.name) }
}
