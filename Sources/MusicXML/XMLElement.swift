import CExpat

/// An element of an XML document with what stands in it.
struct XMLElement {
  var name: String
  var attributes: [String: String] = [:]
  /// The text directly inside, without blanks around it.
  var text = ""
  var children: [XMLElement] = []

  init(_ name: String) { self.name = name }

  subscript(attribute name: String) -> String? { attributes[name] }

  /// The first child of a name.
  func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
  func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
  func has(_ name: String) -> Bool { children.contains { $0.name == name } }

  /// The text of a child; `nil` without one.
  func text(_ name: String) -> String? { first(name)?.text }
  func number(_ name: String) -> Int? { first(name)?.number }
  /// Its text as a whole number of a size that music can have.
  var number: Int? {
    Double(text).flatMap { $0.isFinite && abs($0) < 1e9 ? Int($0.rounded()) : nil }
  }
}

extension XMLElement {
  /// The root of a document.
  ///
  /// Bounded: at most 64 elements deep, 4 million elements, and no entities of its own.
  static func read(_ bytes: [UInt8]) throws(MusicXMLError) -> XMLElement {
    var builder = TreeBuilder()
    var place = cexpat_place()
    let handlers = cexpat_handlers(
      start: { context, name, attributes in
        context.assumingMemoryBound(to: TreeBuilder.self).pointee.start(name, attributes)
      },
      end: { context in context.assumingMemoryBound(to: TreeBuilder.self).pointee.end() },
      text: { context, bytes, count in
        context.assumingMemoryBound(to: TreeBuilder.self).pointee.add(bytes, Int(count))
      })
    let outcome = bytes.withUnsafeBufferPointer { buffer in
      withUnsafeMutablePointer(to: &builder) {
        cexpat_read(buffer.baseAddress, buffer.count, handlers, $0, &place)
      }
    }
    let (line, column) = (Int(place.line), Int(place.column))
    switch outcome {
    case CEXPAT_READ: break
    case CEXPAT_MISSING: throw .noParser
    case CEXPAT_ENTITIES: throw .entities(line: line, column: column)
    case CEXPAT_STOPPED: throw .tooLarge(line: line, column: column)
    default:
      let reason = place.reason.map { String(cString: $0) } ?? "malformed"
      throw .malformed(line: line, column: column, reason: reason)
    }
    guard let root = builder.root else {
      throw .malformed(line: line, column: column, reason: "no element found")
    }
    return root
  }
}

/// Puts the elements of a document together as the parser tells of them.
private struct TreeBuilder {
  private var open: [XMLElement] = []
  private(set) var root: XMLElement?
  private var count = 0

  mutating func start(
    _ name: UnsafePointer<CChar>,
    _ attributes: UnsafePointer<UnsafePointer<CChar>?>
  ) -> Int32 {
    count += 1
    guard open.count < 64, count <= 4_000_000 else { return 1 }
    var element = XMLElement(String(cString: name))
    var place = 0
    while let key = attributes[place], let value = attributes[place + 1], place < 256 {
      element.attributes[String(cString: key)] = String(cString: value)
      place += 2
    }
    open.append(element)
    return 0
  }

  mutating func end() -> Int32 {
    guard var element = open.popLast() else { return 1 }
    let text = element.text.utf8.drop { $0 <= 0x20 }
    let trailing = text.reversed().prefix { $0 <= 0x20 }.count
    element.text = String(Substring(text.dropLast(trailing)))
    if open.isEmpty {
      root = root ?? element
    } else {
      open[open.count - 1].children.append(element)
    }
    return 0
  }

  mutating func add(_ bytes: UnsafePointer<CChar>, _ count: Int) -> Int32 {
    guard let last = open.indices.last, count > 0 else { return 0 }
    bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
      open[last].text += String(
        decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
    }
    return 0
  }
}

/// Why a file is no MusicXML that can be read.
public enum MusicXMLError: Error, Hashable, CustomStringConvertible {
  case noParser
  case malformed(line: Int, column: Int, reason: String)
  case entities(line: Int, column: Int)
  case tooLarge(line: Int, column: Int)
  /// Its outermost element, where that is no score.
  case noScore(root: String)
  case noParts
  /// Of a compressed file.
  case damagedArchive(reason: String)

  public var description: String {
    switch self {
    case .noParser:
      "MusicXML is read by expat, which is not installed; on Debian it is in the package libexpat1"
    case .malformed(let line, let column, let reason):
      "\(line):\(column): this is no XML: \(reason)"
    case .entities(let line, let column):
      "\(line):\(column): the file declares entities of its own, which are not read"
    case .tooLarge(let line, let column):
      "\(line):\(column): elements are nested too deep, or there are more than 4 million"
    case .noScore(let root):
      "<\(root)> is no score: MusicXML begins with <score-partwise> or <score-timewise>"
    case .noParts: "there is no part with measures in it"
    case .damagedArchive(let reason): "this .mxl file cannot be read: \(reason)"
    }
  }
}
