#ifndef CALSA_SEQUENCER_H
#define CALSA_SEQUENCER_H

#include <stdint.h>

// ALSA's MIDI sequencer, from the same libasound as the playback devices.

/// One open client with a port to send from, a port to receive at and a queue. For one thread.
typedef struct calsa_seq calsa_seq;

/// What a message is. Numbers are MIDI's own, from 0.
enum calsa_message_kind {
  CALSA_NOTE_ON,
  CALSA_NOTE_OFF,
  CALSA_CONTROL,
  CALSA_PROGRAM,
  /// -8192 to 8191.
  CALSA_BEND,
  CALSA_CLOCK,
  CALSA_START,
  CALSA_CONTINUE,
  CALSA_STOP,
  /// In sixteenths from the beginning.
  CALSA_SONG_POSITION,
  /// Ports came, went or changed; `client` and `port` say which.
  CALSA_PORTS_CHANGED,
  /// A client or port is gone.
  CALSA_GONE,
  /// Somebody has connected a port (`client`, `port`) with ours: `number` is 1 for the one that we
  /// send from, 0 for the one we receive at.
  CALSA_WIRED,
  /// Somebody has taken such a connection away.
  CALSA_UNWIRED,
  /// Something that Lilt has no use for.
  CALSA_OTHER
};

typedef struct {
  uint8_t kind;
  uint8_t channel;
  /// A key, or the number of a controller.
  uint8_t number;
  int32_t value;
  /// A moment of CLOCK_MONOTONIC; 0 = at once.
  int64_t nanoseconds;
  /// Where it came from.
  int client;
  int port;
} calsa_message;

/// A port of any client.
typedef struct {
  int client;
  int port;
  char client_name[96];
  char port_name[96];
  /// Whether others may send to it, and receive from it.
  int takes;
  int gives;
} calsa_port;

/// Opens the sequencer under `name`. Returns 0, or a negative errno.
int calsa_seq_open(const char *_Nonnull name, calsa_seq *_Nullable *_Nonnull out);

/// Closes the client; the kernel forgets what was not delivered.
void calsa_seq_close(calsa_seq *_Nonnull seq);

/// Readable while something waits for `calsa_seq_receive`.
int calsa_seq_descriptor(calsa_seq *_Nonnull seq);

/// The client's own number.
int calsa_seq_client(calsa_seq *_Nonnull seq);

/// Sends to whoever is connected. Returns 0, or a negative errno; -EAGAIN while the kernel has no
/// room for another message.
int calsa_seq_send(calsa_seq *_Nonnull seq, const calsa_message *_Nonnull message);

/// Takes back every message that was not delivered yet.
void calsa_seq_drop(calsa_seq *_Nonnull seq);

/// Returns 1 with a message, 0 where none waits, -ENOSPC where some were lost, or another negative
/// errno.
int calsa_seq_receive(calsa_seq *_Nonnull seq, calsa_message *_Nonnull message);

/// The next port after the one `port` holds; begin with client and port -1. Returns 0 at the end.
int calsa_seq_next_port(calsa_seq *_Nonnull seq, calsa_port *_Nonnull port);

/// Connects the sending port to another client's, or takes the connection away. Returns 0 or a
/// negative errno; -EBUSY where it was connected already.
int calsa_seq_send_to(calsa_seq *_Nonnull seq, int client, int port, int connect);

/// The same for what is received.
int calsa_seq_receive_from(calsa_seq *_Nonnull seq, int client, int port, int connect);

#endif
