import Dispatch
import Glibc

/// The socket through which `lilt ctl` reaches a running program: one line in, the answer out.
///
/// Only the user may connect (mode 0600). The main loop accepts; a slow reader never holds it up.
final class ControlServer {
  let descriptor: Int32
  private let path: String
  private let queue = DispatchQueue(label: "control", attributes: .concurrent)

  /// - Throws: A sentence when the socket cannot be made.
  init(folder: String, draft: String) throws(FileError) {
    path = Paths.join(folder, "lilt.\(draft).sock")
    var address = sockaddr_un()
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard bytes.count <= room else {
      throw FileError(path: path, reason: "the path is longer than a socket's may be")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    descriptor = socket(
      AF_UNIX,
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .last(path) }
    // The draft is locked: a socket of its name was left by a program that is gone.
    unlink(path)
    let mask = umask(0o177)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    umask(mask)
    guard bound == 0, listen(descriptor, 8) == 0 else {
      let failure = FileError.last(path)
      close(descriptor)
      throw failure
    }
  }

  /// Takes one waiting connection. Its line is read on another thread and handed to `receive`, with
  /// a way to answer; one that asks to follow is handed to `follow` and stays.
  func accept(
    _ receive: @escaping @Sendable (String, @escaping @Sendable (String) -> Void) -> Void,
    follow: @escaping @Sendable (Follower) -> Void
  ) {
    let connection = Glibc.accept(descriptor, nil, nil)
    guard connection >= 0 else { return }
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    let queue = queue
    queue.async {
      var patience = timeval(tv_sec: 5, tv_usec: 0)
      let size = socklen_t(MemoryLayout<timeval>.size)
      setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
      setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
      var line: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 4096)
      while !line.contains(UInt8(ascii: "\n")), line.count < 1 << 20 {
        let count = read(connection, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { break }
        line += chunk[0..<count]
      }
      let end = line.firstIndex(of: UInt8(ascii: "\n")) ?? line.endIndex
      let text = String(decoding: line[..<end], as: UTF8.self)
      if text == Follower.request { return follow(Follower(connection)) }
      receive(text) { answer in
        queue.async {
          // Where there is nothing to say nothing is printed.
          let bytes = Array((answer.isEmpty ? "" : answer + "\n").utf8)
          _ = sendAll(bytes, to: connection)
          close(connection)
        }
      }
    }
  }

  func finish() {
    close(descriptor)
    unlink(path)
  }
}

/// Sends all bytes through a socket; false where the other end takes no more.
func sendAll(_ bytes: [UInt8], to socket: Int32) -> Bool {
  var sent = 0
  while sent < bytes.count {
    let count = bytes[sent...].withUnsafeBytes {
      send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    sent += count
  }
  return true
}
