import Foundation
import Testing

@testable import lilt

@Suite struct SupportTests {
  @Test func `a file is replaced as a whole and keeps its permissions`() throws {
    let place = try Workplace()
    let path = try place.write("old", to: "a")
    chmod(path, 0o640)
    try Files.write(Array("new".utf8), to: path)
    #expect(place.read("a") == "new")
    var status = stat()
    stat(path, &status)
    #expect(status.st_mode & 0o777 == 0o640)
    #expect(Files.names(in: place.directory) == ["a"])
  }

  @Test func `files that several threads send into a folder are all written`() throws {
    let place = try Workplace()
    let folder = place.directory + "/out"
    let writer = try FolderWriter.opening(folder)
    let outbox = Outbox()
    DispatchQueue.concurrentPerform(iterations: 40) { group in
      let files = (0..<5).map { Outbox.File("\(group)-\($0)", [UInt8(group), UInt8($0)]) }
      do throws(FileError) {
        try outbox.send(files, with: writer)
      } catch {
        Issue.record("\(error)")
      }
    }
    try writer.finish()
    #expect(Files.names(in: folder).count == 200)
    for group in 0..<40 {
      for file in 0..<5 {
        #expect(try Files.read(folder + "/\(group)-\(file)") == [UInt8(group), UInt8(file)])
      }
    }
  }

  @Test func `a file that cannot be written is told, and what comes later is written`() throws {
    let place = try Workplace()
    let writer = try FolderWriter.opening(place.directory)
    let outbox = Outbox()
    #expect(throws: FileError.self) { try outbox.send([("no/folder", [1])], with: writer) }
    try outbox.send([("a", [2])], with: writer)
    #expect(try Files.read(place.directory + "/a") == [2])
  }

  @Test func `a link is followed, so what it names changes`() throws {
    let place = try Workplace()
    let path = try place.write("old", to: "a")
    symlink(path, place.directory + "/b")
    try Files.write(Array("new".utf8), to: place.directory + "/b")
    #expect(place.read("a") == "new")
    var status = stat()
    lstat(place.directory + "/b", &status)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func `a write that fails leaves the old file and nothing else`() throws {
    let place = try Workplace()
    let error = #expect(throws: FileError.self) {
      try Files.write([1], to: place.directory + "/no/such/folder/a")
    }
    #expect(error?.reason == "no such file or directory")
    try Files.makeFolder(place.directory + "/folder")
    #expect(throws: FileError.self) { try Files.write([1], to: place.directory + "/folder") }
    #expect(Files.names(in: place.directory) == ["folder"])
  }

  @Test func `text that is not UTF-8 is read as Latin-1`() throws {
    let place = try Workplace()
    let path = place.directory + "/a"
    try Files.write([0x4B, 0xE9, 0x0A], to: path)
    #expect(try Files.readText(path) == "Ké\n")
  }

  @Test func `a missing file is an error that names it`() {
    let error = #expect(throws: FileError.self) { try Files.read("/nonexistent/a") }
    #expect(error?.description == "/nonexistent/a: no such file or directory")
  }

  @Test func `the log makes its folder with the first line and turns over at a mebibyte`() throws {
    let place = try Workplace()
    let path = place.directory + "/deep/log"
    let log = LogFile(path: path)
    #expect(!Files.exists(place.directory + "/deep"))
    let line = String(repeating: "x", count: 1023)
    for _ in 0..<1025 { log.append(line) }
    #expect(try Files.read(path).count == 1024)
    #expect(try Files.read(path + ".1").count == 1024 * 1024)
  }

  @Test func `a log that cannot be written is given up in silence`() {
    let log = LogFile(path: "/proc/nowhere/log")
    log.append("a")
    log.append("b")
    #expect(!Files.exists("/proc/nowhere"))
  }

  @Test func `exit statuses are the ones scripts know`() {
    #expect(Outcome.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6])
  }
}
