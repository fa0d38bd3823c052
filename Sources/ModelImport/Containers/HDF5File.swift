internal import CHDF5
import Neural

/// What an HDF5 file holds: groups with attributes, and datasets of floats.
///
/// The file is read by libhdf5 in a process of its own, which may crash or stall over a damaged
/// file without harm.
struct HDF5File {
  enum Attribute: Equatable {
    case texts([String])
    case numbers([Double])
  }

  /// By path, such as `/model_weights/lstm`; the root is empty.
  private(set) var groups: [String: [String: Attribute]] = [:]
  /// In the order of the file's names.
  private(set) var datasets: [ForeignTensor] = []
  private var places: [String: Int] = [:]

  static let format = "HDF5 file"
  private static let mostBytes = 1 << 30
  /// Far more than the largest file needs.
  static let seconds = 20

  static func isHDF5(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
  }

  /// A file that holds nothing.
  init() {}

  init(_ bytes: [UInt8]) throws(ImportError) {
    try self.init(records: Self.records(bytes))
  }

  /// From what `chdf5_read` makes of a file.
  init(records: [UInt8]) throws(ImportError) {
    var reader = ByteReader(records, format: Self.format)
    try read(&reader)
  }

  /// What the process that reads HDF5 files says of one.
  static func records(_ bytes: [UInt8]) throws(ImportError) -> [UInt8] {
    guard Self.isHDF5(bytes) else {
      throw .damaged(format: Self.format, reason: "its first bytes are not those of one")
    }
    try Self.checkSuperblock(bytes)
    let limit = min(Self.mostBytes, 4 * bytes.count + (16 << 20))
    var found: UnsafeMutablePointer<UInt8>?
    var size = 0
    let outcome = bytes.withUnsafeBufferPointer { bytes in
      bytes.baseAddress.map {
        chdf5_read(
          $0, bytes.count, limit, Int32(Self.seconds), Int32(1 + bytes.count >> 24), &found, &size)
      }
        ?? CHDF5_NOT_READ
    }
    defer { chdf5_free(found) }
    switch outcome {
    case CHDF5_DONE: break
    case CHDF5_NO_LIBRARY: throw .libraryMissing("libhdf5", package: "libhdf5-103-1")
    case CHDF5_NOT_READ:
      throw .damaged(format: Self.format, reason: "the HDF5 library cannot read it")
    case CHDF5_TOO_LARGE:
      throw .damaged(format: Self.format, reason: "it claims to hold far more than its size")
    case CHDF5_NO_PROCESS:
      throw .unsupported("the system would not start the process that reads HDF5 files")
    default:
      throw .damaged(format: Self.format, reason: "the HDF5 library failed over it")
    }
    return Array(UnsafeBufferPointer(start: found, count: size))
  }

  /// Refuses what the library would, without starting a process for it: sizes of other machines,
  /// a root that is not there, a file that is cut (HDF5 File Format Specification 3.0, II.A).
  private static func checkSuperblock(_ bytes: [UInt8]) throws(ImportError) {
    var reader = ByteReader(bytes, format: format)
    try reader.skip(8)
    let version = try reader.byte()
    let isOld = version < 2
    guard version <= 3 else {
      throw .damaged(format: format, reason: "its version \(version) is not known")
    }
    try reader.seek(to: isOld ? 13 : 9)
    guard try reader.byte() == 8, try reader.byte() == 8 else {
      throw .damaged(format: format, reason: "its addresses are not of 8 bytes")
    }
    try reader.seek(to: isOld ? (version == 0 ? 24 : 28) : 12)
    let base = try reader.number(8)
    // An absent address is all ones, which is no number for the reader.
    try reader.skip(8)
    let end = try reader.number(8)
    if isOld { try reader.skip(16) }
    let root = try reader.number(8)
    guard base == 0, root < bytes.count else {
      throw .damaged(format: format, reason: "its root is not inside it")
    }
    guard end <= bytes.count else { throw .truncated(format: format) }
  }

  private mutating func read(_ reader: inout ByteReader) throws(ImportError) {
    var group = ""
    while true {
      switch try reader.byte() {
      case UInt8(ascii: "E"): return
      case UInt8(ascii: "G"):
        group = try reader.text(try reader.number(4))
        groups[group] = [:]
      case UInt8(ascii: "S"):
        let name = try reader.text(try reader.number(4))
        var texts: [String] = []
        for _ in 0..<(try reader.number(4)) {
          texts.append(try reader.text(try reader.number(4)))
        }
        groups[group]?[name] = .texts(texts)
      case UInt8(ascii: "N"):
        let name = try reader.text(try reader.number(4))
        var numbers: [Double] = []
        for _ in 0..<(try reader.number(4)) {
          let bits = try reader.slice(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
          numbers.append(Double(bitPattern: bits))
        }
        groups[group]?[name] = .numbers(numbers)
      case UInt8(ascii: "D"): try readDataset(&reader)
      default: throw .damaged(format: Self.format, reason: "what was read of it makes no sense")
      }
    }
  }

  private mutating func readDataset(_ reader: inout ByteReader) throws(ImportError) {
    let path = try reader.text(try reader.number(4))
    let kind = try reader.byte()
    var shape: [Int] = []
    for _ in 0..<(try reader.number(4)) { shape.append(try reader.number(8)) }
    guard kind != 0 else { return }
    var strides = [Int](repeating: 1, count: shape.count)
    for index in shape.indices.dropLast().reversed() {
      let (stride, overflow) = strides[index + 1].multipliedReportingOverflow(by: shape[index + 1])
      guard !overflow else { throw .truncated(format: Self.format) }
      strides[index] = stride
    }
    let layout = try StridedLayout(name: path, shape: shape, strides: strides, offset: 0)
    let values = layout.values(of: try reader.slice(4 * layout.count), size: 4) { bytes, place in
      Float(bitPattern: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    }
    guard values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: path) }
    places[path] = datasets.count
    datasets.append(
      ForeignTensor(
        name: path, shape: shape, values: values, format: kind == 2 ? .float16 : .float32))
  }

  func dataset(_ path: String) -> ForeignTensor? { places[path].map { datasets[$0] } }

  /// The texts of an attribute. Keras cuts lists that are too long for one attribute into
  /// `name0`, `name1`…
  func texts(_ name: String, of group: String) -> [String]? {
    guard let attributes = groups[group] else { return nil }
    switch attributes[name] {
    case .texts(let texts): return texts
    case .numbers(let numbers) where numbers.isEmpty: return []
    case .numbers: return nil
    case nil:
      var joined: [String] = []
      var part = 0
      while case .texts(let texts)? = attributes[name + "\(part)"] {
        joined += texts
        part += 1
      }
      return part > 0 ? joined : nil
    }
  }
}
