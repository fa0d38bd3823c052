#include "CALSASequencer.h"

#include <alsa/asoundlib.h>
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "library.h"

#define ALSA_FUNCTIONS(entry)                                                                      \
  entry(snd_seq_open) entry(snd_seq_close) entry(snd_seq_set_client_name)                          \
  entry(snd_seq_client_id) entry(snd_seq_create_port) entry(snd_seq_alloc_queue)                   \
  entry(snd_seq_control_queue) entry(snd_seq_set_client_pool_output)                               \
  entry(snd_seq_set_client_pool_input) entry(snd_seq_poll_descriptors)                             \
  entry(snd_seq_event_output_direct) entry(snd_seq_event_input)                                    \
  entry(snd_seq_event_input_pending) entry(snd_seq_drop_output) entry(snd_seq_connect_to)          \
  entry(snd_seq_disconnect_to) entry(snd_seq_connect_from) entry(snd_seq_disconnect_from)          \
  entry(snd_seq_client_info_malloc) entry(snd_seq_client_info_free)                                \
  entry(snd_seq_client_info_set_client) entry(snd_seq_client_info_get_client)                      \
  entry(snd_seq_client_info_get_name) entry(snd_seq_query_next_client)                             \
  entry(snd_seq_get_any_client_info) entry(snd_seq_port_info_malloc)                               \
  entry(snd_seq_port_info_free) entry(snd_seq_port_info_set_client)                                \
  entry(snd_seq_port_info_set_port) entry(snd_seq_port_info_get_port)                              \
  entry(snd_seq_port_info_get_name) entry(snd_seq_port_info_get_capability)                        \
  entry(snd_seq_port_info_set_name) entry(snd_seq_port_info_set_capability)                        \
  entry(snd_seq_port_info_set_type) entry(snd_seq_port_info_set_timestamping)                      \
  entry(snd_seq_port_info_set_timestamp_real) entry(snd_seq_port_info_set_timestamp_queue)         \
  entry(snd_seq_port_info_set_midi_channels) entry(snd_seq_query_next_port)                        \
  entry(snd_seq_create_simple_port) entry(snd_seq_queue_status_malloc)                             \
  entry(snd_seq_queue_status_free) entry(snd_seq_get_queue_status)                                 \
  entry(snd_seq_queue_status_get_real_time)

CALSA_LOAD(ALSA_FUNCTIONS)

struct calsa_seq {
  snd_seq_t *handle;
  snd_seq_client_info_t *client_info;
  snd_seq_port_info_t *port_info;
  snd_seq_queue_status_t *status;
  int client, out, in, watch, queue, descriptor;
  // What to add to the queue's time for CLOCK_MONOTONIC, and when that was measured.
  int64_t offset, measured;
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// The queue's clock and the system's drift apart, if at all, by microseconds in a second.
static void measure_offset(calsa_seq *seq) {
  int64_t before = now();
  if (seq->measured && before - seq->measured < 1000000000) return;
  if (alsa.snd_seq_get_queue_status(seq->handle, seq->queue, seq->status) < 0) return;
  int64_t after = now();
  const snd_seq_real_time_t *time = alsa.snd_seq_queue_status_get_real_time(seq->status);
  int64_t queue = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
  seq->offset = before + (after - before) / 2 - queue;
  seq->measured = before;
}

static int open_ports(calsa_seq *seq) {
  const unsigned type = SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION;
  seq->out = alsa.snd_seq_create_simple_port(
      seq->handle, "out", SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ, type);
  if (seq->out < 0) return seq->out;
  snd_seq_port_info_t *info = seq->port_info;
  alsa.snd_seq_port_info_set_name(info, "in");
  alsa.snd_seq_port_info_set_capability(info,
                                        SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE);
  alsa.snd_seq_port_info_set_type(info, type);
  alsa.snd_seq_port_info_set_midi_channels(info, 16);
  // The kernel notes when a message came, however late it is read.
  alsa.snd_seq_port_info_set_timestamping(info, 1);
  alsa.snd_seq_port_info_set_timestamp_real(info, 1);
  alsa.snd_seq_port_info_set_timestamp_queue(info, seq->queue);
  int error = alsa.snd_seq_create_port(seq->handle, info);
  if (error < 0) return error;
  seq->in = alsa.snd_seq_port_info_get_port(info);
  seq->watch = alsa.snd_seq_create_simple_port(
      seq->handle, "watch",
      SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE | SND_SEQ_PORT_CAP_NO_EXPORT,
      SND_SEQ_PORT_TYPE_APPLICATION);
  if (seq->watch < 0) return seq->watch;
  return alsa.snd_seq_connect_from(seq->handle, seq->watch, SND_SEQ_CLIENT_SYSTEM,
                                   SND_SEQ_PORT_SYSTEM_ANNOUNCE);
}

static int set_up(calsa_seq *seq, const char *name) {
  int error = alsa.snd_seq_client_info_malloc(&seq->client_info);
  if (error >= 0) error = alsa.snd_seq_port_info_malloc(&seq->port_info);
  if (error >= 0) error = alsa.snd_seq_queue_status_malloc(&seq->status);
  if (error >= 0) error = alsa.snd_seq_set_client_name(seq->handle, name);
  if (error < 0) return error;
  seq->client = alsa.snd_seq_client_id(seq->handle);
  // The largest there are; smaller ones do as well.
  alsa.snd_seq_set_client_pool_output(seq->handle, 2000);
  alsa.snd_seq_set_client_pool_input(seq->handle, 2000);
  seq->queue = alsa.snd_seq_alloc_queue(seq->handle);
  if (seq->queue < 0) return seq->queue;
  error = open_ports(seq);
  if (error < 0) return error;
  snd_seq_event_t start;
  snd_seq_ev_clear(&start);
  start.dest.client = SND_SEQ_CLIENT_SYSTEM;
  start.dest.port = SND_SEQ_PORT_SYSTEM_TIMER;
  start.type = SND_SEQ_EVENT_START;
  start.data.queue.queue = (unsigned char)seq->queue;
  start.queue = SND_SEQ_QUEUE_DIRECT;
  error = alsa.snd_seq_event_output_direct(seq->handle, &start);
  if (error < 0) return error;
  measure_offset(seq);
  struct pollfd descriptor;
  if (alsa.snd_seq_poll_descriptors(seq->handle, &descriptor, 1, POLLIN) != 1) return -ENODEV;
  seq->descriptor = descriptor.fd;
  return 0;
}

int calsa_seq_open(const char *name, calsa_seq **out) {
  *out = NULL;
  if (!is_available()) return -ENOSYS;
  calsa_seq *seq = calloc(1, sizeof *seq);
  if (!seq) return -ENOMEM;
  int error =
      alsa.snd_seq_open(&seq->handle, "default", SND_SEQ_OPEN_DUPLEX, SND_SEQ_NONBLOCK);
  if (error >= 0) error = set_up(seq, name);
  if (error < 0) {
    calsa_seq_close(seq);
    return error;
  }
  *out = seq;
  return 0;
}

void calsa_seq_close(calsa_seq *seq) {
  if (seq->client_info) alsa.snd_seq_client_info_free(seq->client_info);
  if (seq->port_info) alsa.snd_seq_port_info_free(seq->port_info);
  if (seq->status) alsa.snd_seq_queue_status_free(seq->status);
  if (seq->handle) alsa.snd_seq_close(seq->handle);
  free(seq);
}

int calsa_seq_descriptor(calsa_seq *seq) { return seq->descriptor; }

int calsa_seq_client(calsa_seq *seq) { return seq->client; }

int calsa_seq_send(calsa_seq *seq, const calsa_message *message) {
  snd_seq_event_t event;
  snd_seq_ev_clear(&event);
  event.source.port = (unsigned char)seq->out;
  event.dest.client = SND_SEQ_ADDRESS_SUBSCRIBERS;
  event.dest.port = SND_SEQ_ADDRESS_UNKNOWN;
  event.queue = SND_SEQ_QUEUE_DIRECT;
  if (message->nanoseconds) {
    measure_offset(seq);
    int64_t moment = message->nanoseconds - seq->offset;
    if (moment < 0) moment = 0;
    event.queue = (unsigned char)seq->queue;
    event.flags |= SND_SEQ_TIME_STAMP_REAL | SND_SEQ_TIME_MODE_ABS;
    event.time.time.tv_sec = (unsigned)(moment / 1000000000);
    event.time.time.tv_nsec = (unsigned)(moment % 1000000000);
  }
  switch (message->kind) {
    case CALSA_NOTE_ON:
    case CALSA_NOTE_OFF:
      event.type = message->kind == CALSA_NOTE_ON ? SND_SEQ_EVENT_NOTEON : SND_SEQ_EVENT_NOTEOFF;
      event.data.note.channel = message->channel;
      event.data.note.note = message->number;
      event.data.note.velocity = (unsigned char)message->value;
      break;
    case CALSA_CONTROL:
    case CALSA_PROGRAM:
    case CALSA_BEND:
      event.type = message->kind == CALSA_CONTROL   ? SND_SEQ_EVENT_CONTROLLER
                   : message->kind == CALSA_PROGRAM ? SND_SEQ_EVENT_PGMCHANGE
                                                    : SND_SEQ_EVENT_PITCHBEND;
      event.data.control.channel = message->channel;
      event.data.control.param = message->number;
      event.data.control.value = message->value;
      break;
    case CALSA_CLOCK: event.type = SND_SEQ_EVENT_CLOCK; break;
    case CALSA_START: event.type = SND_SEQ_EVENT_START; break;
    case CALSA_CONTINUE: event.type = SND_SEQ_EVENT_CONTINUE; break;
    case CALSA_STOP: event.type = SND_SEQ_EVENT_STOP; break;
    case CALSA_SONG_POSITION:
      event.type = SND_SEQ_EVENT_SONGPOS;
      event.data.control.value = message->value;
      break;
    default: return -EINVAL;
  }
  int result = alsa.snd_seq_event_output_direct(seq->handle, &event);
  return result < 0 ? result : 0;
}

void calsa_seq_drop(calsa_seq *seq) { alsa.snd_seq_drop_output(seq->handle); }

static void read_note(calsa_message *message, const snd_seq_event_t *event) {
  message->channel = event->data.note.channel & 15;
  message->number = event->data.note.note & 127;
  message->value = event->data.note.velocity & 127;
  int is_on = event->type == SND_SEQ_EVENT_NOTEON && message->value > 0;
  message->kind = is_on ? CALSA_NOTE_ON : CALSA_NOTE_OFF;
}

static void read_control(calsa_message *message, const snd_seq_event_t *event, uint8_t kind) {
  message->kind = kind;
  message->channel = event->data.control.channel & 15;
  message->number = event->data.control.param & 127;
  message->value = event->data.control.value;
}

static void read_wire(calsa_seq *seq, calsa_message *message, const snd_seq_event_t *event,
                      uint8_t kind) {
  const snd_seq_connect_t *wire = &event->data.connect;
  int is_output = wire->sender.client == seq->client && wire->sender.port == seq->out;
  int is_input = wire->dest.client == seq->client && wire->dest.port == seq->in;
  message->kind = is_output || is_input ? kind : CALSA_OTHER;
  message->number = is_output ? 1 : 0;
  message->client = is_output ? wire->dest.client : wire->sender.client;
  message->port = is_output ? wire->dest.port : wire->sender.port;
}

int calsa_seq_receive(calsa_seq *seq, calsa_message *message) {
  snd_seq_event_t *event = NULL;
  int result = alsa.snd_seq_event_input(seq->handle, &event);
  if (result == -EAGAIN || result == -EINTR) return 0;
  if (result < 0 || !event) return result < 0 ? result : 0;
  memset(message, 0, sizeof *message);
  message->client = event->source.client;
  message->port = event->source.port;
  message->nanoseconds = now();
  int is_stamped = (event->flags & SND_SEQ_TIME_STAMP_MASK) == SND_SEQ_TIME_STAMP_REAL;
  if (event->dest.port == seq->in && is_stamped) {
    measure_offset(seq);
    message->nanoseconds =
        seq->offset + (int64_t)event->time.time.tv_sec * 1000000000 + event->time.time.tv_nsec;
  }
  switch (event->type) {
    case SND_SEQ_EVENT_NOTEON:
    case SND_SEQ_EVENT_NOTEOFF: read_note(message, event); break;
    case SND_SEQ_EVENT_CONTROLLER: read_control(message, event, CALSA_CONTROL); break;
    case SND_SEQ_EVENT_PGMCHANGE: read_control(message, event, CALSA_PROGRAM); break;
    case SND_SEQ_EVENT_PITCHBEND: read_control(message, event, CALSA_BEND); break;
    case SND_SEQ_EVENT_CLOCK: message->kind = CALSA_CLOCK; break;
    case SND_SEQ_EVENT_START: message->kind = CALSA_START; break;
    case SND_SEQ_EVENT_CONTINUE: message->kind = CALSA_CONTINUE; break;
    case SND_SEQ_EVENT_STOP: message->kind = CALSA_STOP; break;
    case SND_SEQ_EVENT_SONGPOS:
      message->kind = CALSA_SONG_POSITION;
      message->value = event->data.control.value;
      break;
    case SND_SEQ_EVENT_CLIENT_START:
    case SND_SEQ_EVENT_CLIENT_CHANGE:
    case SND_SEQ_EVENT_PORT_START:
    case SND_SEQ_EVENT_PORT_CHANGE:
    case SND_SEQ_EVENT_CLIENT_EXIT:
    case SND_SEQ_EVENT_PORT_EXIT: {
      int is_client = event->type == SND_SEQ_EVENT_CLIENT_EXIT;
      int is_exit = is_client || event->type == SND_SEQ_EVENT_PORT_EXIT;
      message->kind = is_exit ? CALSA_GONE : CALSA_PORTS_CHANGED;
      message->client = event->data.addr.client;
      message->port = is_client ? -1 : event->data.addr.port;
      break;
    }
    case SND_SEQ_EVENT_PORT_SUBSCRIBED: read_wire(seq, message, event, CALSA_WIRED); break;
    case SND_SEQ_EVENT_PORT_UNSUBSCRIBED: read_wire(seq, message, event, CALSA_UNWIRED); break;
    default: message->kind = CALSA_OTHER; break;
  }
  return 1;
}

int calsa_seq_next_port(calsa_seq *seq, calsa_port *port) {
  if (port->client < 0) {
    alsa.snd_seq_client_info_set_client(seq->client_info, -1);
    if (alsa.snd_seq_query_next_client(seq->handle, seq->client_info) < 0) return 0;
    port->client = alsa.snd_seq_client_info_get_client(seq->client_info);
    port->port = -1;
  }
  while (1) {
    alsa.snd_seq_port_info_set_client(seq->port_info, port->client);
    alsa.snd_seq_port_info_set_port(seq->port_info, port->port);
    if (alsa.snd_seq_query_next_port(seq->handle, seq->port_info) >= 0) break;
    alsa.snd_seq_client_info_set_client(seq->client_info, port->client);
    if (alsa.snd_seq_query_next_client(seq->handle, seq->client_info) < 0) return 0;
    port->client = alsa.snd_seq_client_info_get_client(seq->client_info);
    port->port = -1;
  }
  port->port = alsa.snd_seq_port_info_get_port(seq->port_info);
  strncpy(port->port_name, alsa.snd_seq_port_info_get_name(seq->port_info),
          sizeof port->port_name - 1);
  port->port_name[sizeof port->port_name - 1] = 0;
  port->client_name[0] = 0;
  if (alsa.snd_seq_get_any_client_info(seq->handle, port->client, seq->client_info) >= 0) {
    strncpy(port->client_name, alsa.snd_seq_client_info_get_name(seq->client_info),
            sizeof port->client_name - 1);
    port->client_name[sizeof port->client_name - 1] = 0;
  }
  unsigned can = alsa.snd_seq_port_info_get_capability(seq->port_info);
  int is_open = !(can & SND_SEQ_PORT_CAP_NO_EXPORT) && port->client != SND_SEQ_CLIENT_SYSTEM &&
                port->client != seq->client;
  const unsigned take = SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE;
  const unsigned give = SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ;
  port->takes = is_open && (can & take) == take;
  port->gives = is_open && (can & give) == give;
  return 1;
}

int calsa_seq_send_to(calsa_seq *seq, int client, int port, int connect) {
  return connect ? alsa.snd_seq_connect_to(seq->handle, seq->out, client, port)
                 : alsa.snd_seq_disconnect_to(seq->handle, seq->out, client, port);
}

int calsa_seq_receive_from(calsa_seq *seq, int client, int port, int connect) {
  return connect ? alsa.snd_seq_connect_from(seq->handle, seq->in, client, port)
                 : alsa.snd_seq_disconnect_from(seq->handle, seq->in, client, port);
}
