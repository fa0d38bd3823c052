import Glibc

/// The data that lie beside the project on a developer's machine; absent elsewhere.
private let dataFolder: String = {
  let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
  return "/\(root)/shared/data"
}()

/// Every `.mid` file of the development data; empty where they are absent.
let developmentFiles: [(name: String, bytes: [UInt8])] = {
  let folder = dataFolder + "/midi"
  guard let directory = opendir(folder) else { return [] }
  defer { closedir(directory) }
  var files: [(String, [UInt8])] = []
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard name.hasSuffix(".mid") else { continue }
    files.append((name, contents(of: "\(folder)/\(name)")))
  }
  return files.sorted { $0.0 < $1.0 }
}()

/// The tunebooks that development is measured by; empty where they are absent.
let developmentTunebooks: [(name: String, bytes: [UInt8])] = [
  "airds", "fife", "irish", "northumbrian", "nottingham", "oneills", "ryans", "seattle",
  "tuneworks",
].map { ($0, contents(of: "\(dataFolder)/valid/\($0).abc")) }.filter { !$0.1.isEmpty }

private func contents(of path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
  return bytes
}
