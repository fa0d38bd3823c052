import Compose
import Neural

extension GenerateRequest {
  /// Reads plain arguments, each option once and its value apart, in a few microseconds: looking at
  /// itself takes ArgumentParser 2 ms.
  ///
  /// - Returns: nil for everything else and for what cannot be; `GenerateCommand` reads that, or
  ///   refuses it with a sentence.
  init?(plain arguments: [String]) {
    var rest = arguments[...]
    var seen: [String] = []
    while let given = rest.popFirst() {
      let name = Self.longName(given)
      guard !seen.contains(name) else { return nil }
      seen.append(name)
      if name == "--legal" || name == "--free" {
        isLegal = name == "--legal"
        continue
      }
      guard let value = rest.popFirst(), value == "-" || !value.hasPrefix("-"), !value.isEmpty,
        set(name, to: value)
      else { return nil }
    }
    guard !(seen.contains("--legal") && seen.contains("--free")), (try? validate()) != nil else {
      return nil
    }
  }

  private static func longName(_ name: String) -> String {
    switch name {
    case "-k": "--count"
    case "-o": "--output"
    case "--temp": "--temperature"
    default: name
    }
  }

  /// False where there is no such option, or it takes no such value.
  private mutating func set(_ name: String, to value: String) -> Bool {
    func put<Value>(_ value: Value?, _ place: inout Value) -> Bool {
      if let value { place = value }
      return value != nil
    }
    switch name {
    case "--checkpoint": checkpoint = value
    case "--seed-abc": seed = value
    case "--rhythm": rhythm = value
    case "--meter": meter = value
    case "--unit-length": unitLength = value
    case "--key": key = value
    case "--output": output = value
    case "--repertoire": repertoires = [value]
    case "--mood": mood = value
    case "--memory-tunes": memoryTunes = value
    case "--set":
      guard let set = ValueAssignment(argument: value) else { return false }
      // An option of its own counts more, wherever it stands.
      if wishes[set.name] == nil { wishes[set.name] = set.value }
    case "--bars": return put(Int(value).map(Optional.some), &bars)
    case "--characters": return put(Int(value).map(Optional.some), &characters)
    case "--shard": return put(Shard(argument: value).map(Optional.some), &shard)
    case "--temperature": return put(Double(value), &temperature)
    case "--top-k": return put(Int(value), &topK)
    case "--top-p": return put(Double(value), &topP)
    case "--min-p": return put(Double(value), &minP)
    case "--rng": return put(UInt64(value), &rng)
    case "--count": return put(Int(value), &count)
    case "--best-of": return put(Int(value), &bestOf)
    case "--format": return put(Format(rawValue: value), &format)
    case "--precision": return put(Precision(rawValue: value), &precision)
    case "--threads": return put(ThreadChoice(rawValue: value), &threads)
    default:
      guard let wish = SamplingValue[String(name.dropFirst(2))], wish.group == .writing else {
        return false
      }
      wishes[wish.name] = value
    }
    return true
  }
}
