import Glibc
import Kernels
import Testing

@testable import Neural

@Suite struct PackedCacheTests {
  /// A folder of its own for each test.
  private static func withFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/lilt-cache-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer {
      for name in names(folder + "/weights") { unlink(folder + "/weights/" + name) }
      rmdir(folder + "/weights")
      for name in names(folder) { unlink(folder + "/" + name) }
      rmdir(folder)
    }
    try body(folder)
  }

  private static func names(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
  }

  /// Loads and keeps.
  private static func kept(
    _ cache: PackedCache, _ path: String, _ precision: Precision
  ) throws -> LoadedNetwork {
    let loaded = try cache.load(path: path, precision: precision)
    loaded.keep()
    return loaded
  }

  private static func read(_ path: String) throws -> [UInt8] {
    let file = try Checkpoint.OpenFile(path: path)
    return try Checkpoint.Storage.file(file).bytes(0..<file.size)
  }

  @Test(arguments: StreamTests.precisions)
  func `kept weights give the bits of fresh ones`(precision: Precision) throws {
    try Self.withFolder { folder in
      let cache = PackedCache(folder: folder + "/weights")
      let path = folder + "/a.safetensors"
      let checkpoint = try StreamTests.checkpoint()
      try Self.write(checkpoint.bytes, to: path)
      let fresh = try RecurrentNetwork(checkpoint, precision: precision)
      let expected = StreamTests.alone(fresh, streams: 2)
      for isKept in [false, true, true] {
        let loaded = try Self.kept(cache, path, precision)
        #expect(loaded.wasKept == isKept)
        #expect(loaded.fingerprint == checkpoint.fingerprint)
        #expect(loaded.network.precision == precision)
        #expect(StreamTests.alone(loaded.network, streams: 2) == expected)
      }
      #expect(cache.content.networks == 1)
    }
  }

  @Test func `a copy of a checkpoint finds the weights, a changed one does not`() throws {
    try Self.withFolder { folder in
      let cache = PackedCache(folder: folder + "/weights")
      let path = folder + "/a.safetensors"
      try Self.write(StreamTests.checkpoint().bytes, to: path)
      #expect(try !Self.kept(cache, path, .int8).wasKept)
      try Self.write(StreamTests.checkpoint().bytes, to: folder + "/b.safetensors")
      // Its content is known once it has been read; nothing is written twice.
      let images = cache.content
      #expect(try !Self.kept(cache, folder + "/b.safetensors", .int8).wasKept)
      #expect(cache.content == images)
      #expect(try Self.kept(cache, folder + "/b.safetensors", .int8).wasKept)
      #expect(try !Self.kept(cache, path, .float32).wasKept)
      let other = try StreamTests.checkpoint(hidden: 102)
      try Self.write(other.bytes, to: path)
      let loaded = try Self.kept(cache, path, .int8)
      #expect(!loaded.wasKept)
      #expect(loaded.fingerprint == other.fingerprint)
    }
  }

  @Test func `damaged weights are packed again`() throws {
    try Self.withFolder { folder in
      let cache = PackedCache(folder: folder + "/weights")
      let path = folder + "/a.safetensors"
      let checkpoint = try StreamTests.checkpoint(hidden: 20)
      try Self.write(checkpoint.bytes, to: path)
      let expected = StreamTests.alone(
        try RecurrentNetwork(checkpoint, precision: .int8), streams: 1)
      _ = try Self.kept(cache, path, .int8)
      let name = try #require(
        Self.names(folder + "/weights").first { $0.hasSuffix(".weights") })
      let weights = folder + "/weights/" + name
      let good = try Self.read(weights)
      // Cut anywhere, one bit turned anywhere in the header, and here and there in the rest.
      let cuts = [0, 1, 8, 47, 4095, 4096, good.count / 2, good.count - 1]
      var damaged = cuts.map { Array(good[..<$0]) } + [good + [0]]
      let places = Array(0..<120) + Array(stride(from: 4096, to: good.count, by: good.count / 50))
      for place in places {
        var bytes = good
        bytes[place] ^= 0x10
        damaged.append(bytes)
      }
      for bytes in damaged {
        try Self.write(bytes, to: weights)
        let loaded = try Self.kept(cache, path, .int8)
        #expect(!loaded.wasKept)
        #expect(StreamTests.alone(loaded.network, streams: 1) == expected)
        #expect(try Self.read(weights) == good)
      }
    }
  }

  @Test func `nothing is kept before it is asked for, or of a file that changed meanwhile`() throws
  {
    try Self.withFolder { folder in
      let cache = PackedCache(folder: folder + "/weights")
      let path = folder + "/a.safetensors"
      let checkpoint = try StreamTests.checkpoint(hidden: 20)
      try Self.write(checkpoint.bytes, to: path)
      let loaded = try cache.load(path: path, precision: .int8)
      #expect(cache.content.networks == 0)
      // Another network of the same shape, written into the same file.
      var bytes = checkpoint.bytes
      bytes[bytes.count - 2] ^= 1
      try Self.write(bytes, to: path)
      loaded.keep()
      #expect(cache.content.networks == 0)
      let other = try cache.load(path: path, precision: .int8)
      other.keep()
      other.keep()
      #expect(cache.content.networks == 1)
      #expect(try cache.load(path: path, precision: .int8).wasKept)
      // A file that is gone by then cannot be kept either, and its network still works.
      let gone = try cache.load(path: path, precision: .float32)
      try Self.write([], to: path)
      gone.keep()
      #expect(cache.content.networks == 1)
      #expect(gone.network.vocabularySize == other.network.vocabularySize)
    }
  }

  @Test func `a folder that cannot be written does no harm`() throws {
    try Self.withFolder { folder in
      let path = folder + "/a.safetensors"
      try Self.write(StreamTests.checkpoint(hidden: 5).bytes, to: path)
      // A file is where the folder should be.
      let cache = PackedCache(folder: path + "/weights")
      for _ in 0..<2 {
        #expect(try !Self.kept(cache, path, .int8).wasKept)
      }
      #expect(cache.content.networks == 0)
    }
  }

  @Test func `what was not used for longest goes first`() throws {
    try Self.withFolder { folder in
      var cache = PackedCache(folder: folder + "/weights")
      var sizes: [Int] = []
      for (index, hidden) in [30, 31, 32].enumerated() {
        let path = folder + "/\(hidden).safetensors"
        try Self.write(StreamTests.checkpoint(hidden: hidden).bytes, to: path)
        // Room for two of them.
        if index == 2 { cache.limit = sizes[0] + sizes[1] + 200 }
        _ = try Self.kept(cache, path, .float32)
        sizes.append(cache.content.bytes - sizes.reduce(0, +))
        for name in Self.names(folder + "/weights") where index < 2 {
          // As if it had been long ago; the first longer than the second.
          var times = [timespec](
            repeating: timespec(tv_sec: 1000 * (index + 1), tv_nsec: 0), count: 2)
          if index == 0 || name.hasSuffix(".weights") {
            var status = stat()
            stat(folder + "/weights/" + name, &status)
            if status.st_mtim.tv_sec > 10_000 {
              utimensat(AT_FDCWD, folder + "/weights/" + name, &times, 0)
            }
          }
        }
      }
      #expect(cache.content.networks <= 2)
      #expect(try Self.kept(cache, folder + "/32.safetensors", .float32).wasKept)
      #expect(try !Self.kept(cache, folder + "/30.safetensors", .float32).wasKept)
    }
  }

  @Test func `a missing or foreign checkpoint gives the usual sentence`() throws {
    try Self.withFolder { folder in
      let cache = PackedCache(folder: folder)
      #expect(throws: CheckpointError.self) {
        try Self.kept(cache, folder + "/none", .int8)
      }
      try Self.write(Array("not a checkpoint".utf8), to: folder + "/x.safetensors")
      #expect(throws: CheckpointError.self) {
        try Self.kept(cache, folder + "/x.safetensors", .int8)
      }
    }
  }
}
