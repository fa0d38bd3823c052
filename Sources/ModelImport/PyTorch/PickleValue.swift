/// What a pickle says, as data: nothing in it was run.
///
/// Containers lie in the arena of their `Pickle` and are named by their place there. So a pickle
/// that nests deeply, or contains itself, costs no more than its length.
enum PickleValue: Equatable {
  case none
  case boolean(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case bytes(ArraySlice<UInt8>)
  /// A number beyond 64 bits, such as the one legacy files of PyTorch begin with.
  case largeInteger
  /// A name such as `collections.OrderedDict`, from the list of those that may be read, or that of
  /// the class of an object which is nothing but attributes.
  case name(String)
  case node(Int)
}

/// A container of a pickle.
enum PickleNode {
  case list([PickleValue])
  case tuple([PickleValue])
  case dictionary([(key: PickleValue, value: PickleValue)])
  /// `name(arguments…)`, written down instead of called. Items set on it later are kept with it,
  /// because `OrderedDict` is filled so.
  case call(
    name: String, arguments: [PickleValue], items: [(key: PickleValue, value: PickleValue)])
  /// What lies outside the pickle: for PyTorch, a storage; before 1.6 also the class of a module.
  case outside(PickleValue)

  /// With which the description of a module's class begins that lies outside.
  static let outsideClass = "module"
}

/// One whole pickle.
struct Pickle {
  var root: PickleValue
  var nodes: [PickleNode]
  /// How many bytes it took.
  var length: Int

  func node(_ value: PickleValue) -> PickleNode? {
    guard case .node(let place) = value, nodes.indices.contains(place) else { return nil }
    return nodes[place]
  }

  /// The entries of a dictionary or an `OrderedDict`; nil for anything else.
  func entries(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    switch node(value) {
    case .dictionary(let entries): entries
    case .call(let name, _, let items) where PickleReader.dictionaries.contains(name): items
    default: nil
    }
  }

  /// An object of a class that is not listed: the class's name, and its attributes as data.
  func object(
    _ value: PickleValue
  ) -> (name: String, attributes: [(key: PickleValue, value: PickleValue)])? {
    guard case .call(let name, _, let attributes)? = node(value), !PickleReader.names.contains(name)
    else { return nil }
    return (name, attributes)
  }

  /// The members of a list or tuple.
  func members(_ value: PickleValue) -> [PickleValue]? {
    switch node(value) {
    case .list(let values), .tuple(let values): values
    default: nil
    }
  }

  func integers(_ value: PickleValue) -> [Int]? {
    guard let members = members(value) else { return nil }
    var integers: [Int] = []
    for member in members {
      guard case .integer(let integer) = member else { return nil }
      integers.append(integer)
    }
    return integers
  }
}
